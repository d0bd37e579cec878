"""``taskworker run`` and ``taskworker push``."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from typing import Any

#: Seconds that the scheduler beside a worker has to end.
_PATIENCE_S = 10


def run(given: Namespace) -> int:
    """Works until it is told to stop."""
    if getattr(given, "dev", False):
        from taskbroker.cli.dev import run_dev

        return run_dev(given)
    from taskbroker.worker import Worker

    worker = Worker(given.app, **worker_options(given))
    scheduler = _scheduler(given) if getattr(given, "with_scheduler", False) else None
    try:
        return worker.run()
    finally:
        if scheduler is not None:
            scheduler.terminate()
            scheduler.wait(_PATIENCE_S)


def worker_options(given: Namespace) -> dict[str, Any]:
    """The options of the worker, as the command line has them."""
    from taskbroker.worker import WorkerOptions

    known = WorkerOptions.__annotations__
    options = {n: v for n, v in vars(given).items() if n in known and v is not None}
    if given.command.name == "push":
        options["mode"] = "push"
    return options


def _scheduler(given: Namespace) -> subprocess.Popen[bytes]:
    """In a process of its own: this one does not import the app."""
    words = ["--store", given.store, "--log", given.log, "--log-level", given.log_level]
    command = [sys.executable, "-m", "taskbroker", "scheduler", given.app, *words]
    return subprocess.Popen(command)
