"""Arguments of a call as bytes: msgpack of ``{"args": [...], "kwargs": {...}}``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgpack

from taskbroker.errors import ArgumentsError

Arguments = tuple[list[Any], dict[str, Any]]


def encode(args: Iterable[Any], kwargs: Mapping[str, Any]) -> bytes:
    """Encodes the arguments of a call.

    Raises :class:`ArgumentsError`, a ``TypeError``, naming the argument that cannot be sent: any
    type but str, bytes, None, bool, int, float, list, tuple and dict; an int beyond 64 bits; a str
    with a lone surrogate; a dict whose keys are not str or bytes, which no worker could read.
    """
    args = list(args)
    kwargs = dict(kwargs)
    for index, value in enumerate(args):
        _check(value, f"argument {index}")
    for name, value in kwargs.items():
        _check(value, f"argument {name!r}")
    packed: Any = msgpack.packb({"args": args, "kwargs": kwargs})
    return bytes(packed)


def decode(data: bytes) -> Arguments:
    """Decodes what a producer encoded; ``args`` and ``kwargs`` may be missing.

    Raises :class:`ArgumentsError` if the bytes are no such map, or something follows it.
    """
    try:
        value = msgpack.unpackb(data, strict_map_key=True)
    except (ValueError, msgpack.UnpackException) as e:
        raise ArgumentsError(f"the arguments are no msgpack that can be read: {e}") from e
    if not isinstance(value, dict):
        raise ArgumentsError(f"the arguments are a {type(value).__name__} and not a map")
    args = value.get("args", [])
    kwargs = value.get("kwargs", {})
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise ArgumentsError("'args' must be an array and 'kwargs' a map")
    return args, kwargs


_SCALARS = (bool, float, bytes, type(None))


def _check(value: Any, where: str) -> None:
    match value:
        case str():
            try:
                value.encode()
            except UnicodeEncodeError as e:
                raise ArgumentsError(f"{where} has a lone surrogate at {e.start}") from e
        case _ if isinstance(value, _SCALARS):
            pass
        case int():
            if not -(2**63) <= value < 2**64:
                raise ArgumentsError(f"{where} is {value}, which does not fit into 64 bits")
        case list() | tuple():
            for index, item in enumerate(value):
                _check(item, f"{where}[{index}]")
        case dict():
            for key, item in value.items():
                if not isinstance(key, str | bytes):
                    raise ArgumentsError(
                        f"{where} has the key {key!r}; keys must be str, as workers read no others"
                    )
                _check(item, f"{where}[{key!r}]")
        case _:
            raise ArgumentsError(
                f"{where} is a {type(value).__name__}, which cannot be sent; send str, bytes, None,"
                " bool, int, float, or lists and dicts of them"
            )
