"""Results that a child has not said yet, where its death does not lose them."""

from __future__ import annotations

import mmap
import os
import struct
import sys
from typing import BinaryIO

#: Bytes of the memory that a child shares with its worker.
SIZE = 65_536

#: How many results were said before the first that is here, and how many bytes there are. The
#: child writes it.
_HEAD = struct.Struct("!QI")

#: Where the worker says why it ends what runs.
_TAKEN_BACK = _HEAD.size

#: Where the frames begin.
_FRAMES = 16


def new_memory() -> BinaryIO:
    """Memory without a name that two processes can share, as a file."""
    if sys.platform == "linux":
        file: BinaryIO = os.fdopen(os.memfd_create("taskbroker-child"), "r+b")
    else:
        import tempfile  # children need it not

        file = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it
    file.truncate(SIZE)
    return file


class Record:
    """Frames of results. The child writes them; the worker reads what is left once it is dead.

    ``is_taken_back`` is the worker's to write, before it signals the child to end what runs: true
    if the broker has taken the task back, false if the worker stops.
    """

    def __init__(self, fd: int) -> None:
        self._memory = mmap.mmap(fd, SIZE)
        self._said = 0
        self._here = 0
        self._used = 0

    @property
    def is_empty(self) -> bool:
        return self._used == 0

    def add(self, frame: bytes) -> bool:
        """Keeps a frame; false if there is no room."""
        begin = _FRAMES + self._used
        if begin + len(frame) > SIZE:
            return False
        self._memory[begin : begin + len(frame)] = frame
        self._here += 1
        self._used += len(frame)
        _HEAD.pack_into(self._memory, 0, self._said, self._used)
        return True

    def frames(self) -> bytes:
        """What is to be said."""
        return self._memory[_FRAMES : _FRAMES + self._used]

    @property
    def is_taken_back(self) -> bool:
        return bool(self._memory[_TAKEN_BACK])

    @is_taken_back.setter
    def is_taken_back(self, is_so: bool) -> None:
        self._memory[_TAKEN_BACK] = is_so

    def said(self, more: int = 0) -> None:
        """The worker was told all of them, and ``more`` that were never here."""
        self._said += self._here + more
        self._here = self._used = 0
        _HEAD.pack_into(self._memory, 0, self._said, 0)

    def left(self) -> tuple[int, bytes]:
        """For the worker: what a dead child has left, and how many results it had said before."""
        said, used = _HEAD.unpack_from(self._memory, 0)
        return said, self._memory[_FRAMES : _FRAMES + used]

    def close(self) -> None:
        self._memory.close()
