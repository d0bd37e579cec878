"""How many tasks the worker can take now, shared by all that could bring one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Credits:
    """A credit is a promise: whoever has one may bring one task. First come, first served.

    ``room`` says how many tasks could be taken, promises apart. Belongs to the loop's thread.
    """

    def __init__(self, room: Callable[[], int]) -> None:
        self._room = room
        self._promised = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._settled: asyncio.Future[None] | None = None
        self.on_room: Callable[[], None] = _nothing

    @property
    def open(self) -> int:
        """Credits that can be had now."""
        return 0 if self._closed else max(0, self._room() - self._promised)

    @property
    def wanted(self) -> int:
        """How many wait for a credit."""
        return len(self._waiting)

    def take(self) -> bool:
        """Takes a credit if there is one; it is nobody's turn here."""
        if self.open == 0:
            return False
        self._promised += 1
        return True

    def take_all(self) -> int:
        """Takes all that there are."""
        found = self.open
        self._promised += found
        return found

    async def wait(self) -> None:
        """Waits for a credit and takes it."""
        if not self._waiting and self.take():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            else:
                self._waiting.remove(turn)
            raise

    def spend(self, number: int = 1) -> None:
        """Promises were kept: their tasks are here, and ``room`` counts them from now on."""
        self._promised -= number
        self._look()

    def give_back(self, number: int = 1) -> None:
        """Promises were not needed."""
        self._promised -= number
        self.room_changed()
        self._look()

    def room_changed(self) -> None:
        """Lets those go on who have waited longest."""
        self.on_room()
        while self._waiting and self.open > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                self._promised += 1
                turn.set_result(None)

    def close(self) -> None:
        """No more credits."""
        self._closed = True

    async def settled(self) -> None:
        """Returns when every promise was kept or given back."""
        if self._promised:
            self._settled = asyncio.get_running_loop().create_future()
            await self._settled

    def _look(self) -> None:
        if self._promised == 0 and self._settled is not None and not self._settled.done():
            self._settled.set_result(None)


def _nothing() -> None:
    """Nobody takes many at once."""
