"""The conformance vectors, as pytest's parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
VECTORS = REPOSITORY / "clients" / "conformance"


def cases(name: str) -> list[Any]:
    return [pytest.param(c, id=c["name"]) for c in json.loads((VECTORS / name).read_text())]


def value_of(given: Any) -> Any:
    """JSON has neither bytes nor large powers: {"bytes": hex}, {"int": text}, {"char": code}."""
    match given:
        case {"bytes": str(text)} if len(given) == 1:
            return bytes.fromhex(text)
        case {"int": str(text)} if len(given) == 1:
            return int(text)
        case {"char": int(code)} if len(given) == 1:
            return chr(code)
        case {"map": list(pairs)} if len(given) == 1:
            return {value_of(k): value_of(v) for k, v in pairs}
        case {"repeat": [text, int(times)]} if len(given) == 1:
            return text * times
        case dict():
            return {k: value_of(v) for k, v in given.items()}
        case list():
            return [value_of(v) for v in given]
        case _:
            return given
