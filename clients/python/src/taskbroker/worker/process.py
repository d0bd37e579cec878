"""Where a Python of its own begins that the worker has started: a fork server, or a child."""

from __future__ import annotations

import json
import os
import socket
import sys

from taskbroker.worker import logs
from taskbroker.worker.child import Child
from taskbroker.worker.forkserver import Settings, end_process, run
from taskbroker.worker.loading import load


def main() -> None:
    kind, *fds = sys.argv[1:]
    sock = socket.socket(fileno=int(fds[0]))
    settings = Settings(**json.loads(os.environ.pop("TASKBROKER_CHILD")))
    sys.path[:] = settings.path
    if kind == "child":
        logs.set_up(settings.log, settings.log_level)
        code = Child(sock, int(fds[1]), load(settings.app)).work()
    else:
        code = run(sock, settings)
    end_process(code)


if __name__ == "__main__":
    main()
