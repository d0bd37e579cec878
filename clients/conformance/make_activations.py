"""Writes activation.json. Builds the messages byte by byte; needs no library and no code of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VARINT, DELIMITED = 0, 2
UNKNOWN = "a2060178"  # field 100, the text "x"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3 | VARINT) + varint(value)


def delimited(field: int, value: bytes) -> bytes:
    return varint(field << 3 | DELIMITED) + varint(len(value)) + value


def text(field: int, value: str) -> bytes:
    return delimited(field, value.encode())


def retry_state(given: dict[str, Any]) -> bytes:
    out = b""
    for field, name in ((1, "attempts"), (2, "max_attempts"), (3, "on_attempts_exceeded")):
        if given.get(name):
            out += number(field, given[name])
    for field, name in ((4, "at_most_once"), (5, "delay_on_retry")):
        if name in given:
            out += number(field, int(given[name]))
    return out


def timestamp(given: dict[str, int]) -> bytes:
    out = b""
    for field, name in ((1, "seconds"), (2, "nanos")):
        if given.get(name):
            out += number(field, given[name])
    return out


def message(given: dict[str, Any]) -> bytes:
    """Fields in the order of their numbers; what has no presence is left out if it is empty."""
    out = b""
    for field, name in ((1, "id"), (2, "namespace"), (3, "taskname"), (4, "parameters_json")):
        if given.get(name):
            out += text(field, given[name])
    for name, value in given.get("headers", []):
        out += delimited(5, text(1, name) + text(2, value))
    if "received_at" in given:
        out += delimited(6, timestamp(given["received_at"]))
    if "retry_state" in given:
        out += delimited(7, retry_state(given["retry_state"]))
    if given.get("processing_deadline_duration"):
        out += number(8, given["processing_deadline_duration"])
    for field, name in ((9, "expires"), (11, "delay")):
        if name in given:
            out += number(field, int(given[name]))
    if "application" in given:
        out += text(12, given["application"])
    if given.get("parameters_bytes"):
        out += delimited(13, bytes.fromhex(given["parameters_bytes"]))
    return out + bytes.fromhex(given.get("unknown", ""))


AT = {"seconds": 1_764_300_000, "nanos": 123_456_000}
NO_ARGUMENTS = "82a46172677390a66b776172677380"
ONCE = {"attempts": 0, "max_attempts": 1, "on_attempts_exceeded": 1, "at_most_once": False}

PLAIN: dict[str, Any] = {
    "id": "0123456789abcdef0123456789abcdef",
    "namespace": "mail",
    "taskname": "welcome",
    "received_at": AT,
    "retry_state": ONCE,
    "processing_deadline_duration": 10,
    "application": "shop",
    "parameters_bytes": NO_ARGUMENTS,
}


def case(name: str, note: str = "", **changes: Any) -> dict[str, Any]:
    """PLAIN with changes; a change to None leaves the field out."""
    given = {k: v for k, v in {**PLAIN, **changes}.items() if v is not None}
    made = {"name": name, "given": given, "bytes_hex": message(given).hex()}
    return {**made, "note": note} if note else made


def state(**fields: Any) -> dict[str, Any]:
    return {"attempts": 0, "max_attempts": 1, "on_attempts_exceeded": 1, **fields}


def refused(name: str, data: bytes, note: str = "") -> dict[str, Any]:
    made = {"name": name, "bytes_hex": data.hex(), "error": "not a TaskActivation"}
    return {**made, "note": note} if note else made


WHOLE = message(PLAIN)

ACTIVATION = [
    case("a task without a policy", "max_attempts 1, discard, at_most_once present and false"),
    case("at most once", retry_state=state(at_most_once=True)),
    case(
        "a policy of three tries, seven seconds apart",
        "at_most_once is absent",
        retry_state=state(max_attempts=3, delay_on_retry=7),
    ),
    case("dead letters", retry_state=state(max_attempts=3, on_attempts_exceeded=2)),
    case("the third try", retry_state=state(attempts=2, max_attempts=5)),
    case("retries without a wait", "zero is present", retry_state=state(delay_on_retry=0)),
    case("an end that nobody named", "unspecified means discard", retry_state={"max_attempts": 2}),
    case("an empty retry state", retry_state={}),
    case("no retry state", "as brokers make records of raw topics", retry_state=None),
    case("attempts of 32 bits", retry_state=state(attempts=2**32 - 1, max_attempts=2**32 - 1)),
    case("expires", expires=60),
    case("expires at once", "zero is present", expires=0),
    case("expires after more than 32 bits of seconds", expires=2**33),
    case("a countdown", delay=300),
    case("a countdown of zero", "zero is present", delay=0),
    case("expires and a countdown", expires=3600, delay=60),
    case("no application", application=None),
    case("an application that is empty", "present, and not the same as absent", application=""),
    case("no received_at", received_at=None),
    case("received_at without nanoseconds", received_at={"seconds": 1_764_300_000}),
    case("received_at at the epoch", "the message is there and empty", received_at={}),
    case("no deadline", "zero: the worker sets none", processing_deadline_duration=None),
    case("a deadline of a day", processing_deadline_duration=86_400),
    case("one header", headers=[["x-reason", "signup"]]),
    case("headers in the order of their names", headers=[["a", "1"], ["b", ""], ["c", "ü"]]),
    case(
        "headers in another order", "a map: order means nothing", headers=[["b", "1"], ["a", "2"]]
    ),
    case(
        "compressed arguments",
        headers=[["compression-type", "zstd"]],
        parameters_bytes="28b52ffd20325d00002868656c6c6f0100c22c5a",
    ),
    case("no arguments at all", parameters_bytes=None),
    case(
        "arguments as JSON",
        "of clients before 0.20; workers ignore them",
        parameters_json='{"args":[],"kwargs":{}}',
        parameters_bytes=None,
    ),
    case("a field that nobody knows", "it is kept", unknown=UNKNOWN),
    case("a dashed id", "as brokers make them", id="f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    case("names outside ASCII", namespace="grüße", taskname="世界"),
    case(
        "a canary",
        "brokers make it: no state, a namespace of their own",
        namespace="internal",
        taskname="canary_task",
        retry_state=None,
    ),
    refused("cut short", WHOLE[:-1]),
    refused("a text that is not UTF-8", delimited(1, b"\xff\xfe")),
    refused("a field number of zero", WHOLE + b"\x00\x01"),
    refused("a varint without an end", WHOLE + varint(9 << 3) + b"\xff" * 11),
]


if __name__ == "__main__":
    lines = ",\n".join("  " + json.dumps(c) for c in ACTIVATION)
    Path(__file__).with_name("activation.json").write_text(f"[\n{lines}\n]\n")
