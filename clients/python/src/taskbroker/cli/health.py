"""``taskworker health`` and ``taskworker drain``: what probes and hooks of a pod call."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from pathlib import Path

from taskbroker.durations import seconds
from taskbroker.errors import ConfigurationError

#: Seconds that a page may take to answer.
_PATIENCE_S = 5


def run(given: Namespace) -> int:
    if given.command.name == "drain":
        drain(_seconds(given.seconds), given.file)
        return 0
    complaint = _page(given.probe) if "://" in given.probe else _file(given.probe, given.max_age)
    if complaint:
        print(complaint, file=sys.stderr)
    return 1 if complaint else 0


def drain(wait: float, path: str) -> None:
    """Touches the mark at ``path`` and sleeps."""
    Path(path).touch()
    time.sleep(wait)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return seconds(text, "SECONDS")


def _file(path: str, max_age: str) -> str | None:
    try:
        age = time.time() - os.stat(path).st_mtime
    except OSError as e:
        return f"{path}: {e.strerror}"
    if age > seconds(max_age, "--max-age"):
        return f"{path} was last touched {age:.0f} s ago, more than {max_age}"
    return None


def _page(url: str) -> str | None:
    import urllib.error
    import urllib.request

    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(f"the page of a worker is http://…, was {url!r}")
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_S):
            return None
    except urllib.error.HTTPError as e:
        return f"{url} answers {e.code}: {e.read(500).decode(errors='replace').strip()}"
    except OSError as e:
        return f"{url} cannot be reached: {e}"
