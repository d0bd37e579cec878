"""What the worker and its children say to each other, over a socket pair each."""

from __future__ import annotations

import struct

from taskbroker.worker.held import Done

# worker to child
TASK = 1
LEAVE = 2
# child to worker
READY = 3
DONE = 4
RETURNED = 5  # the last of the tasks that it was sent, which it has not begun

_HEAD = struct.Struct("!IB")
_DONE = struct.Struct("!BBqqdQH")
_NUMBER = struct.Struct("!I")

#: No frame is larger: the largest task is far below.
MAX_FRAME = 1 << 30


def frame(kind: int, body: bytes = b"") -> bytes:
    """Length and kind, then the body."""
    return _HEAD.pack(len(body), kind) + body


def number_body(number: int) -> bytes:
    return _NUMBER.pack(number)


def number_of(body: bytes) -> int:
    number: int = _NUMBER.unpack(body)[0]
    return number


def done_body(done: Done) -> bytes:
    error = done.error.encode(errors="replace")[:65_535]
    return (
        _DONE.pack(
            done.status,
            done.quiet,
            done.max_attempts,
            done.delay,
            done.seconds,
            done.rss,
            len(error),
        )
        + error
        + done.trace.encode(errors="replace")
    )


def done_of(body: bytes) -> Done:
    status, quiet, max_attempts, delay, seconds, rss, length = _DONE.unpack_from(body)
    at = _DONE.size + length
    if len(body) == _DONE.size:
        return Done(status, max_attempts, delay, seconds, rss, bool(quiet))
    return Done(
        status=status,
        quiet=bool(quiet),
        max_attempts=max_attempts,
        delay=delay,
        seconds=seconds,
        rss=rss,
        error=body[_DONE.size : at].decode(errors="replace"),
        trace=body[at:].decode(errors="replace"),
    )


class Frames:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes | bytearray) -> list[tuple[int, bytes]]:
        """Takes what has arrived and returns each frame that is whole."""
        found: list[tuple[int, bytes]] = []
        pending = self._pending
        if pending:
            pending += data
        here = pending or data
        at, size = 0, len(here)
        while at + _HEAD.size <= size:
            length, kind = _HEAD.unpack_from(here, at)
            end = at + _HEAD.size + length
            if length > MAX_FRAME:
                raise ValueError(f"a frame of {length} bytes: this is no stream of frames")
            if end > size:
                break
            found.append((kind, bytes(here[at + _HEAD.size : end])))
            at = end
        if pending:
            del pending[:at]
        else:
            pending += data[at:]
        return found
