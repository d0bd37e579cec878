"""How many short tasks are worth having before there is a place for them."""

from __future__ import annotations

#: Seconds of work that the worker has in stock for each place.
STOCK_S = 0.02

#: Most tasks of that stock.
MOST_AHEAD = 64

#: Seconds of work that are given to one place at once.
BATCH_S = 0.002

#: A place is free again in a moment if tasks take no longer, in seconds.
SHORT_S = 0.005

#: What a task takes before the first has ended, in seconds.
_UNKNOWN_S = 0.2

#: The share of the latest task in the mean.
_WEIGHT = 0.125


class Pace:
    """Learns how long tasks take. ``stands_still``: the last took longer than was thought."""

    __slots__ = ("_last", "_mean", "stands_still")

    def __init__(self) -> None:
        self._mean = _UNKNOWN_S
        self._last = _UNKNOWN_S
        self.stands_still = False

    def ended(self, seconds: float) -> None:
        """A task has taken so long."""
        self._mean += (seconds - self._mean) * _WEIGHT
        self._last = seconds
        self.stands_still = False

    def stand_still(self) -> None:
        """Tasks have waited that should have begun long ago."""
        self._mean = max(self._mean, _UNKNOWN_S)
        self.stands_still = True

    @property
    def is_short(self) -> bool:
        """Tasks end so soon that it is worth waiting for their places."""
        return max(self._mean, self._last) <= SHORT_S

    def ahead(self, places: int) -> int:
        """Tasks to have beyond those that run; none while tasks are long."""
        slow = max(self._mean, self._last)
        return min(MOST_AHEAD, int(places * STOCK_S / slow)) if slow > 0 else MOST_AHEAD

    def batch(self) -> int:
        """Tasks to give to one place at once, where it takes several; at least one."""
        slow = max(self._mean, self._last)
        return max(1, int(BATCH_S / slow)) if slow > 0 else MOST_AHEAD
