"""``python -m taskbroker`` is the command ``taskworker``."""

from taskbroker.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
