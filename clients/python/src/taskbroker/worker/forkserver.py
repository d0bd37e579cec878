"""The process that has imported the app: makes the children, and judges what they cannot.

It has imported neither gRPC nor asyncio and runs no thread, so that a fork of it is sound. The
worker tells it what to do by lines of JSON; the socket of a new child and its memory travel beside
its line.

    {"do": "start", "child": 3}  + 2 files    → {"started": 3, "pid": 77}, later {"exited": 77, …}
    {"do": "judge", "ask": 9, …}              → {"judged": 9, …}
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Any

from taskbroker import execute
from taskbroker._wire import messages
from taskbroker.app import App
from taskbroker.errors import ChildDied, ConfigurationError, DeadlineExceeded, Stopping
from taskbroker.worker import logs
from taskbroker.worker.child import Child
from taskbroker.worker.held import done
from taskbroker.worker.loading import load

#: Seconds that children have to end by themselves when the worker has gone without a word.
PATIENCE = 2.0

_ERRORS = {"ChildDied": ChildDied, "DeadlineExceeded": DeadlineExceeded, "Stopping": Stopping}


@dataclass(frozen=True)
class Settings:
    """What the worker tells at the start. ``app`` is a name, or empty if it is here already."""

    app: str
    start_method: str
    log: str | None
    log_level: str
    path: list[str]

    def line(self) -> bytes:
        return json.dumps(vars(self)).encode() + b"\n"


class ForkServer:
    """Serves one worker until it says nothing more. Single-threaded."""

    def __init__(self, control: socket.socket, settings: Settings, app: App) -> None:
        self._control = control
        self._settings = settings
        self._app = app
        self._pids: set[int] = set()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)

    def serve(self) -> int:
        """Returns the exit code: of this process, or of the child that a fork has made here."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        gc.collect()
        gc.freeze()  # a collection would touch, and so copy, what children share
        self._say(described(self._app))
        pending = b""
        files: list[int] = []
        while True:
            ready, _, _ = select.select([self._control, self._wake], [], [])
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
                self._reap()
            if self._control not in ready:
                continue
            try:
                data, fds, _, _ = socket.recv_fds(self._control, 65_536, 16)
            except ConnectionResetError:  # the parent has gone, and had not read all of ours
                data, fds = b"", []
            files += fds
            if not data:
                self._end_children()
                return 0
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                code = self._do(json.loads(line), files)
                if code is not None:
                    return code

    def _do(self, told: dict[str, Any], files: list[int]) -> int | None:
        if told["do"] == "judge":
            self._say({"judged": told["ask"], **judged(self._app, told)})
            return None
        sock, memory = socket.socket(fileno=files.pop(0)), files.pop(0)
        if self._settings.start_method == "spawn":
            pid = self._spawn(sock, memory)
        else:
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                return self._be_child(sock, memory)
        sock.close()
        os.close(memory)
        self._pids.add(pid)
        self._say({"started": told["child"], "pid": pid})
        return None

    def _be_child(self, sock: socket.socket, memory: int) -> int:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for own in (self._control, self._wake, self._woken):
            own.close()
        return Child(sock, memory, self._app).work()

    def _spawn(self, sock: socket.socket, memory: int) -> int:
        import subprocess  # forks need it not, and share what is imported here

        words = [sys.executable, "-m", "taskbroker.worker.process", "child"]
        environment = {**os.environ, "TASKBROKER_CHILD": self._settings.line().decode()}
        fds = sock.fileno(), memory
        return subprocess.Popen([*words, *map(str, fds)], pass_fds=fds, env=environment).pid

    def _reap(self) -> None:
        for pid in list(self._pids):
            try:
                found, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                found, status = pid, 0
            if found:
                self._pids.discard(pid)
                self._say({"exited": pid, "code": os.waitstatus_to_exitcode(status)})

    def _end_children(self) -> None:
        """The worker has gone: what still runs could be reported to nobody."""
        self._signal_all(signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while self._pids and time.monotonic() < until:
            select.select([self._wake], [], [], 0.05)
            with contextlib.suppress(BlockingIOError):
                self._wake.recv(4096)
            self._reap()
        self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: int) -> None:
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _say(self, what: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(json.dumps(what).encode() + b"\n")


def described(app: App) -> dict[str, Any]:
    """What the worker has to know of an app that it does not import."""
    tasks = [t for n in app.taskregistry.namespaces() for t in n.tasks()]
    brokers = app.brokers
    return {
        "app": app.name,
        "brokers": brokers if brokers is None or isinstance(brokers, str) else list(brokers),
        "secrets": app.secrets,
        "tasks": len(tasks),
        "has_coroutines": any(t.is_async for t in tasks),
        "has_functions": any(not t.is_async for t in tasks),
    }


def judged(app: App, told: dict[str, Any]) -> dict[str, Any]:
    """What follows, by the policy of a task, from an error that the task did not raise itself."""
    activation = messages.TaskActivation(namespace=told["namespace"], taskname=told["taskname"])
    state = messages.RetryState.FromString(bytes.fromhex(told["state"]))
    error = _ERRORS[told["error"]](told["text"])
    try:
        task = execute.find(app, activation)
    except LookupError:
        return {"status": messages.TASK_ACTIVATION_STATUS_FAILURE, "error": told["text"]}
    end = done(execute.judge(task, state, error))
    return {
        "status": end.status,
        "max_attempts": end.max_attempts,
        "delay": end.delay,
        "error": end.error,
        "tries": end.tries,
    }


def run(control: socket.socket, settings: Settings, app: App | None = None) -> int:
    """Imports the app unless it is given, then serves; says so if it cannot be imported."""
    logs.set_up(settings.log, settings.log_level)
    try:
        app = app or load(settings.app)
    except ConfigurationError as e:
        return _failed(control, str(e))
    except BaseException as e:
        trace = "".join(traceback.format_exception(e.with_traceback(_user_frames(e))))
        return _failed(control, f"importing the app {settings.app!r} failed\n{trace}")
    return ForkServer(control, settings, app).serve()


def _failed(control: socket.socket, text: str) -> int:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps({"failed": text}).encode() + b"\n")
    return 1


def _user_frames(error: BaseException) -> Any:
    at = error.__traceback__
    skipped = ("taskbroker.", "importlib")
    while at is not None and at.tb_frame.f_globals.get("__name__", "").startswith(skipped):
        at = at.tb_next
    return at


def end_process(code: int) -> None:
    """Ends a process that a fork has made, without what its parent has registered for its end."""
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
