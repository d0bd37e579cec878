"""``python -m taskbroker.drain SECONDS``: marks this worker as leaving, and waits."""

from __future__ import annotations

import sys

from taskbroker.cli.health import drain
from taskbroker.constants import DEFAULT_WORKER_DRAIN_FILE_PATH

__all__ = ["drain", "main"]


def main(argv: list[str] | None = None) -> None:
    """Waits as many seconds as the first word says."""
    words = sys.argv[1:] if argv is None else argv
    if len(words) != 1:
        raise SystemExit("usage: python -m taskbroker.drain SECONDS")
    drain(float(words[0]), DEFAULT_WORKER_DRAIN_FILE_PATH)


if __name__ == "__main__":
    main()
