"""Numbers in texts for people."""

from __future__ import annotations

import re

import pytest

from taskbroker.counted import counted
from vectors import REPOSITORY

#: What the texts of this package count.
COUNTED = "tasks|processes|threads|coroutines|children|places|items|brokers|results|schedules"


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("task",), "0 tasks"),
        (1, ("task",), "1 task"),
        (2, ("task",), "2 tasks"),
        (1, ("process", "processes"), "1 process"),
        (8, ("process", "processes"), "8 processes"),
        (1, ("task runs", "tasks run"), "1 task runs"),
    ],
)
def test_one_thing_is_no_several(number: int, words: tuple[str, ...], text: str) -> None:
    assert counted(number, *words) == text


def test_no_text_has_a_number_before_a_plural_of_its_own() -> None:
    """Such a text says "1 tasks" one day; ``counted`` does not."""
    found = [
        f"{file.name}: {line.strip()}"
        for file in (REPOSITORY / "clients" / "python" / "src").rglob("*.py")
        for line in file.read_text().splitlines()
        if re.search(rf"(?:%[ds]|\}}) (?:{COUNTED})\b", line)
    ]
    assert found == []
