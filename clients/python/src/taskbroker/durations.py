"""Spans of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

from taskbroker.errors import ConfigurationError

Duration = int | float | timedelta | str
"""Seconds, a timedelta, or text such as "250ms", "20s", "5m", "2h" or "1d"."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")


def seconds(value: Duration, what: str = "a duration") -> float:
    """Returns the span in seconds.

    Raises :class:`ConfigurationError`, naming ``what``, if it is negative or not a span of time.
    """
    match value:
        case bool():
            pass
        case timedelta():
            return _not_negative(value.total_seconds(), value, what)
        case int() | float():
            return _not_negative(float(value), value, what)
        case str():
            found = _TEXT.fullmatch(value.strip())
            if found:
                return float(found[1]) * _UNITS[found[2]]
    raise ConfigurationError(
        f"{what} was {value!r}; give seconds, a timedelta, or text such as '250ms', '20s' or '5m'"
    )


def whole_seconds(value: Duration, what: str = "a duration") -> int:
    """Returns the span in seconds, cut to whole ones as the wire has them."""
    return int(seconds(value, what))


def _not_negative(result: float, value: object, what: str) -> float:
    if result < 0:
        raise ConfigurationError(f"{what} must not be negative, was {value!r}")
    return result
