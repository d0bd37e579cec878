"""mypy --strict and pyright refuse exactly the wrong calls of ``typing/calls.py``."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = Path(__file__).with_name("typing") / "calls.py"
EXPECTED = {n for n, line in enumerate(CALLS.read_text().splitlines(), 1) if line.endswith("# E")}
SOURCES = Path(__file__).parents[1] / "src"


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, check=False, cwd=SOURCES
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy() -> None:
    said = run("mypy", "--strict", "--no-incremental", "--config-file=", str(CALLS))
    lines = {int(n) for n in re.findall(r"calls\.py:(\d+): error", said)}
    assert lines == EXPECTED, said
    assert 'did you mean "countdown"' in said


@pytest.mark.skipif(importlib.util.find_spec("pyright") is None, reason="pyright is not installed")
def test_pyright() -> None:
    said = run("pyright", "--outputjson", "--pythonpath", sys.executable, str(CALLS))
    found = json.loads(said[said.index("{") :])
    errors = {
        d["range"]["start"]["line"] + 1
        for d in found["generalDiagnostics"]
        if d["severity"] == "error"
    }
    assert errors == EXPECTED, said
