"""Calls of the service ``taskbroker.v1.WorkerExchange``, which a broker may offer.

The two messages are small and written by hand: ``HandBackRequest{repeated HandBack tasks = 1}``,
``HandBack{string id = 1}``. Fields that are not known are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

HAND_BACK = "/taskbroker.v1.WorkerExchange/HandBack"

#: Request metadata: how many milliseconds the broker may hold a call.
WAIT_MS = "taskbroker-wait-ms"

#: Trailer: how long it has held the call; its presence says that long poll is offered.
WAITED_MS = "taskbroker-waited-ms"

#: Trailer: the broker is about to stop.
DRAINING = "taskbroker-draining"


def hand_back(ids: Iterable[str]) -> bytes:
    """The request that returns tasks which were not begun."""
    out = bytearray()
    for task_id in ids:
        text = task_id.encode()
        inner = b"\x0a" + _varint(len(text)) + text
        out += b"\x0a" + _varint(len(inner)) + inner
    return bytes(out)


def handed_back(data: bytes) -> list[str]:
    """The ids in such a request. Raises ``ValueError`` if it is none."""
    return [
        text.decode()
        for number, task in _fields(data)
        if number == 1
        for field, text in _fields(task)
        if field == 1
    ]


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields that have a length; numbers are skipped."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        match tag & 7:
            case 0:
                _, at = _number(data, at)
            case 1:
                at += 8
            case 5:
                at += 4
            case 2:
                length, at = _number(data, at)
                if at + length > len(data):
                    raise ValueError("a field is longer than its message")
                yield tag >> 3, data[at : at + length]
                at += length
            case kind:
                raise ValueError(f"a field has the kind {kind}, which is none")


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a number does not end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
