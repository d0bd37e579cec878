"""Numbers of things in texts for people."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """Returns "1 task" or "5 tasks"; ``many`` is what follows other numbers than 1."""
    return f"{number} {one if number == 1 else many or one + 's'}"
