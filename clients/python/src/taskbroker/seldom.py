"""Lines that would come thousands of times, once a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

#: Seconds in which one kind of trouble is said once.
SAY_EVERY = 60.0


class Seldom:
    """Lets the first of each kind through in :data:`SAY_EVERY` seconds, and counts the others.

    Safe for all threads. It remembers every kind, so kinds are few.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._said: dict[Hashable, float] = {}
        self._held_back: dict[Hashable, int] = {}

    def may_say(self, kind: Hashable) -> int | None:
        """Returns how many of this kind were held back since the last one that was let through.

        None: this one is held back, too.
        """
        with self._lock:
            now = self._now()
            if kind in self._said and now - self._said[kind] < SAY_EVERY:
                self._held_back[kind] = self._held_back.get(kind, 0) + 1
                return None
            self._said[kind] = now
            return self._held_back.pop(kind, 0)
