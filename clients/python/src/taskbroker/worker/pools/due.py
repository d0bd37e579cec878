"""One timer for many deadlines: one for each would cost more than many tasks do."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

#: Seconds between two looks at least.
SHORTEST = 0.01


class Due:
    """Calls ``look`` at the earliest of the times that it was told of. ``look`` is given the time
    and returns when to look next; infinite if never. Times are those of the loop's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop, look: Callable[[float], float]) -> None:
        self._loop = loop
        self._look = look
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def by(self, when: float) -> None:
        """Looks then, or earlier."""
        if when < self._at:
            self.cancel()
            self._at = when
            self._timer = self._loop.call_at(when, self._ring)

    def cancel(self) -> None:
        """Looks no more, until it is told of another time."""
        self._at = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self.cancel()
        now = self._loop.time()
        self.by(max(self._look(now), now + SHORTEST))
