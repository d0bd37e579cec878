"""Writes parameters.json and zstd.json. Needs msgpack and backports.zstd; uses no code of ours."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import msgpack
from backports import zstd

HERE = Path(__file__).parent


def wire(value: Any) -> Any:
    """A value in the notation of the files."""
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case bool():
            return value
        case int() if abs(value) >= 2**53:
            return {"int": str(value)}
        case dict() if any(not isinstance(k, str) for k in value):
            return {"map": [[wire(k), wire(v)] for k, v in value.items()]}
        case dict():
            return {k: wire(v) for k, v in value.items()}
        case list():
            return [wire(v) for v in value]
        case _:
            return value


def good(name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    packed = msgpack.packb({"args": list(args), "kwargs": kwargs})
    return {
        "name": name,
        "given": {"args": wire(list(args)), "kwargs": wire(kwargs)},
        "bytes_hex": packed.hex(),
    }


def refused(name: str, error: str, args: Any, kwargs: Any = None) -> dict[str, Any]:
    return {"name": name, "given": {"args": args, "kwargs": kwargs or {}}, "error": error}


def read(name: str, data: bytes, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "bytes_hex": data.hex(), "decoded": [wire(args), wire(kwargs)]}


def unreadable(name: str, data: bytes, error: str) -> dict[str, Any]:
    return {"name": name, "bytes_hex": data.hex(), "error": error}


INTS = [0, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63, 2**64 - 1]
NEGATIVE = [-1, -32, -33, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**63)]

PARAMETERS = [
    good("no arguments"),
    good("one of each kind, and a name", "foo", 1, b"ab", None, True, 1.5, org_id=2),
    good("names only", org_id=77, address="a@b.c"),
    good("nested", [1, [2, {"a": [None, False]}]], deep={"x": {"y": b"z"}}),
    good("empty text, bytes, list and map", "", b"", [], {}),
    good("text outside ASCII", "Grüße, 世界 🎉"),
    good("text of 31 bytes", "a" * 31),
    good("text of 32 bytes", "a" * 32),
    good("text of 256 bytes", "a" * 256),
    good("bytes of 256", b"\x00\xff" * 128),
    good("a list of 16", list(range(16))),
    good("a map of 16", {f"k{i}": i for i in range(16)}),
    good("bytes as a key", {b"k": 1}),
    good("floats", 0.0, -0.0, 1e308, 5e-324, 0.1),
    *[good(f"the int {i}", i) for i in INTS],
    *[good(f"the int {i}", i) for i in NEGATIVE],
    refused("an int below 64 bits", "64 bits", [{"int": str(-(2**63) - 1)}]),
    refused("an int above 64 bits", "64 bits", [{"int": str(2**64)}]),
    refused("a key that is an int", "keys must be str", [{"map": [[1, 2]]}]),
    refused("a nested key that is an int", "argument 'k'", [], {"k": {"a": {"map": [[1, 2]]}}}),
    refused("a lone surrogate", "lone surrogate", [{"char": 0xD800}]),
    read("args missing", msgpack.packb({"kwargs": {"a": 1}}), [], {"a": 1}),
    read("kwargs missing", msgpack.packb({"args": [1]}), [1], {}),
    read("both missing", msgpack.packb({}), [], {}),
    read("a field that nobody knows", msgpack.packb({"args": [1], "v": 2}), [1], {}),
    unreadable("nothing at all", b"", "no msgpack"),
    unreadable("cut short", msgpack.packb({"args": [1], "kwargs": {}})[:-1], "no msgpack"),
    unreadable("something behind it", msgpack.packb({}) + b"\x00", "no msgpack"),
    unreadable("a list", msgpack.packb([1]), "list and not a map"),
    unreadable("args is a map", msgpack.packb({"args": {}}), "'args' must be an array"),
    unreadable("kwargs is a list", msgpack.packb({"kwargs": []}), "'kwargs' a map"),
    unreadable("a key that is an int", msgpack.packb({"args": [{1: 2}]}), "no msgpack"),
    unreadable("a key that is an int, at the top", msgpack.packb({1: 2}), "no msgpack"),
]


def frame(data: bytes) -> bytes:
    made: bytes = zstd.compress(data)
    return made


def frame_without_size(data: bytes) -> bytes:
    writer = zstd.ZstdCompressor(options={zstd.CompressionParameter.content_size_flag: 0})
    made: bytes = writer.compress(data, mode=zstd.ZstdCompressor.FLUSH_FRAME)
    return made


def bomb(size: int) -> bytes:
    """A header that promises ``size`` bytes: magic, descriptor with an 8-byte size, the size."""
    return bytes.fromhex("28b52ffd") + b"\xe0" + struct.pack("<Q", size) + b"\x01\x00\x00"


ZSTD = [
    {
        "name": "a frame with its size",
        "bytes_hex": "28b52ffd20325d00002868656c6c6f0100c22c5a",
        "content": {"bytes": (b"hello" * 10).hex()},
    },
    {"name": "an empty content", "bytes_hex": frame(b"").hex(), "content": {"bytes": ""}},
    {
        "name": "another encoder's frame",
        "bytes_hex": frame(b"taskbroker" * 30).hex(),
        "content": {"bytes": (b"taskbroker" * 30).hex()},
    },
    {
        "name": "a frame that does not say its size",
        "bytes_hex": frame_without_size(b"hello" * 10).hex(),
        "error": "does not say how large",
    },
    {"name": "a bomb of 65 MiB", "bytes_hex": bomb(65 * 2**20).hex(), "error": "above 67108864"},
    {"name": "no frame", "bytes_hex": "00010203", "error": "cannot be read"},
    {
        "name": "a frame cut short",
        "bytes_hex": frame(b"hello" * 100)[:-3].hex(),
        "error": "cannot be read",
    },
]


def write(name: str, cases: list[dict[str, Any]]) -> None:
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    write("parameters.json", PARAMETERS)
    write("zstd.json", ZSTD)
