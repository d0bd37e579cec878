"""``python -m taskbroker.healthcheck PATH``: fails if a worker has not touched its file since."""

from __future__ import annotations

import sys
from pathlib import Path


def healthcheck(path: str) -> None:
    """Removes the file, which a worker that is alive makes again; exits with 1 if it is not there.

    ``taskworker health`` looks at the file's age instead, and leaves it.
    """
    try:
        Path(path).unlink()
    except FileNotFoundError:
        raise SystemExit(1) from None


def main(argv: list[str] | None = None) -> None:
    """Checks the file that the first word names."""
    words = sys.argv[1:] if argv is None else argv
    if len(words) != 1:
        raise SystemExit("usage: python -m taskbroker.healthcheck PATH")
    healthcheck(words[0])


if __name__ == "__main__":
    main()
