"""``taskworker run --dev``: neither Kafka nor broker, and a new start after each change."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from argparse import Namespace
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taskbroker._wire import messages
from taskbroker.app import App
from taskbroker.cli.options import APP, BROKERS, SECRETS, WORKER
from taskbroker.producer import dev
from taskbroker.testing.broker import InMemoryBroker, Waiting
from taskbroker.testing.serve import InMemoryServer
from taskbroker.worker import logs
from taskbroker.worker.loading import load

LOG = logging.getLogger("taskbroker.dev")

#: Seconds between two looks at the files.
LOOK_EVERY_S = 0.5


class DevBroker(InMemoryBroker):
    """Keeps tasks of any name: the app may change while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self._ended = deque(maxlen=100)  # type: ignore[assignment]

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        activation = messages.TaskActivation.FromString(value)
        activation.received_at.FromDatetime(datetime.fromtimestamp(self.now(), UTC))
        nothing: Any = None  # only tests ask for what was sent
        waiting = Waiting(activation.SerializeToString(), nothing, nothing)
        self.put(waiting, activation.delay if activation.HasField("delay") else 0)
        done: Future[None] = Future()
        done.set_result(None)
        return done


def run_dev(given: Namespace) -> int:
    """Works until SIGTERM or SIGINT; a change of the app's files starts the worker anew."""
    logs.set_up(given.log, given.log_level)
    app = load(given.app)
    server = InMemoryServer(DevBroker())
    with server, Door(app.name, server):
        LOG.warning(
            "%s runs with neither Kafka nor broker; what waits is lost when this ends."
            " Programs on this machine send to it unless TASKBROKER_KAFKA is set or their Kafka"
            " is there",
            app.name,
        )
        return Supervisor(given, app, server.address).run()


class Door:
    """The socket that programs send to."""

    def __init__(self, application: str, server: InMemoryServer) -> None:
        self._server = server
        self.path = dev.socket_path(application)
        self._socket = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Door:
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self._socket.bind(self.path)
        self._socket.listen(64)
        threading.Thread(target=self._serve, name="taskbroker-dev", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        frame = dev.read_frame(connection)
        if frame is None:
            return
        self._server.broker.send(frame[0], frame[1], None)
        connection.sendall(dev.TAKEN)


class Supervisor:
    """Runs the worker in a process of its own, and starts another one when files change."""

    def __init__(self, given: Namespace, app: App, broker: str) -> None:
        self._given = given
        self._command = _command(given, broker)
        self._environment = {**os.environ, "TASKBROKER_BROKERS": broker}
        self._has_schedules = bool(app.schedules)
        self._stop = threading.Event()
        self._files = Files(_source_files())

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        children = self._start()
        complained = False
        while not self._stop.wait(LOOK_EVERY_S):
            if self._files.have_changed():
                LOG.warning("a file has changed; the worker starts anew")
                _end(children)
                children = self._start()
                complained = False
            elif children[0].poll() is not None and not complained:
                complained = True
                LOG.warning("the worker has ended; it starts anew when a file has changed")
        _end(children)
        return 0

    def _start(self) -> list[subprocess.Popen[bytes]]:
        commands = [self._command]
        if self._has_schedules:
            words = ["--store", "memory", "--log", self._given.log]
            commands.append(
                [sys.executable, "-m", "taskbroker", "scheduler", self._given.app, *words]
            )
        return [subprocess.Popen(c, env=self._environment, process_group=0) for c in commands]


def _command(given: Namespace, broker: str) -> list[str]:
    command = [sys.executable, "-m", "taskbroker", "run", given.app, "--brokers", broker]
    for option in WORKER:
        value = getattr(given, option.attribute)
        if option not in (APP, BROKERS, SECRETS) and value is not None:
            command += [option.name, str(value)]
    return command


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        child.wait()


class Files:
    """The files that the app was made of, and when they last changed."""

    def __init__(self, files: Callable[[], set[Path]] | set[Path]) -> None:
        self._files = files if callable(files) else lambda: files
        self._seen = self._look()

    def have_changed(self) -> bool:
        """Returns true if one has changed, come or gone since the last look."""
        now = self._look()
        changed = now != self._seen
        self._seen = now
        return changed

    def _look(self) -> dict[Path, int]:
        found = {}
        for folder in {f.parent for f in self._files()}:
            for file in folder.glob("*.py"):
                with contextlib.suppress(OSError):
                    found[file] = file.stat().st_mtime_ns
        return found


def _source_files() -> set[Path]:
    """The modules of this process that lie neither in Python nor in a package that was installed,
    nor in this one."""
    apart = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[1]]
    files: set[Path] = set()
    for module in list(sys.modules.values()):
        name: Any = getattr(module, "__file__", None)
        if not name or not str(name).endswith(".py"):
            continue
        file = Path(name).resolve()
        if "site-packages" not in file.parts and not any(a in file.parents for a in apart):
            files.add(file)
    return files
