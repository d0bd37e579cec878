"""Headers of a task: text to text on the wire."""

from __future__ import annotations

from collections.abc import Mapping

from taskbroker.errors import ArgumentsError

Value = str | bytes | int | float | bool | None

#: Says how the arguments are compressed.
COMPRESSION = "compression-type"

#: Read by schedulers at the producer's side; never sent.
_STRIPPED = frozenset({"sentry-monitor-config"})


def to_text(headers: Mapping[str, Value]) -> dict[str, str]:
    """Turns each value into text the way ``str()`` does: ``True`` becomes "True".

    Raises :class:`ArgumentsError` naming the header whose value is of another type.
    """
    text: dict[str, str] = {}
    for name, value in headers.items():
        if name in _STRIPPED:
            continue
        if not isinstance(name, str):
            raise ArgumentsError(f"the name of a header must be str, was {name!r}")
        if not isinstance(value, str | bytes | int | float | type(None)):
            raise ArgumentsError(
                f"header {name!r} is a {type(value).__name__}; it may be str, bytes, int, float,"
                " bool or None"
            )
        text[name] = str(value)
    return text
