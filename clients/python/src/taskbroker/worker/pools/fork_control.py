"""The worker's end of the line to the fork server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from taskbroker.app import App
from taskbroker.errors import ConfigurationError
from taskbroker.worker import forkserver
from taskbroker.worker.forkserver import Settings
from taskbroker.worker.held import Done, Held

#: Seconds that importing an app may take.
IMPORT_TIMEOUT = 120.0

#: Seconds for one answer, and in all if another server has to be started meanwhile.
ANSWER_TIMEOUT, JUDGE_TIMEOUT = 2.0, 15.0


class _Lost(Exception):
    """The server has ended before it has answered."""


class ForkControl:
    """Starts the fork server and speaks to it. Made before gRPC is, and used on the loop's thread.

    ``source`` is an app's name, which a Python of its own imports, or an app, of which this process
    makes a copy of itself.
    """

    def __init__(self, source: App | str, settings: Settings) -> None:
        self._source = source
        self._settings = settings
        self._asks: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = iter(range(1, sys.maxsize))
        self._is_there = asyncio.Event()
        self._pending = b""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.description: dict[str, Any] = {}
        self.on_started: Callable[[int, int], None] = _nothing
        self.on_exited: Callable[[int, int], None] = _nothing
        self.on_lost: Callable[[], None] = _nothing
        self._control: socket.socket
        self._pid = 0
        self.launches = 0
        self._launch()

    # ------------------------------------------------------------------ the process

    def _launch(self) -> None:
        self.launches += 1
        self._control, theirs = socket.socketpair()
        if isinstance(self._source, str):
            fd = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "taskbroker.worker.process", "server", str(fd)],
                pass_fds=(fd,),
                env={**os.environ, "TASKBROKER_CHILD": self._settings.line().decode()},
                start_new_session=True,
            )
            self._pid = self._process.pid
        else:
            self._pid = self._copy_of_this_process(theirs, self._source)
        theirs.close()

    def _copy_of_this_process(self, theirs: socket.socket, app: App) -> int:
        if threading.active_count() > 1 or "grpc" in sys.modules:
            raise ConfigurationError(
                "children cannot be made of this process, as it runs threads or has imported grpc;"
                " give the app by name, Worker('module:app'), or use pool='threads'"
            )
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.setsid()
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL)
                self._control.close()
                code = forkserver.run(theirs, self._settings, app)
            finally:
                forkserver.end_process(code)
        return pid

    def wait_for_app(self) -> dict[str, Any]:
        """Blocks until the app is imported, and returns what the server says of it.

        Raises :class:`ConfigurationError` with the traceback if it cannot be imported.
        """
        self._control.settimeout(IMPORT_TIMEOUT)
        try:
            while b"\n" not in self._pending:
                data = self._control.recv(65_536)
                if not data:
                    raise ConfigurationError(
                        "the process that imports the app has ended; see above"
                    )
                self._pending += data
        except TimeoutError:
            raise ConfigurationError(
                f"the app was not imported within {IMPORT_TIMEOUT:g} s"
            ) from None
        line, _, self._pending = self._pending.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        if "failed" in said:
            raise ConfigurationError(said["failed"])
        self.description = said
        return said

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listens from now on."""
        self._loop = loop
        self._control.setblocking(False)
        loop.add_reader(self._control, self._readable)
        self._is_there.set()

    def relaunch(self) -> None:
        """Starts another server after the first was lost; :meth:`attach` comes next.

        Blocks while the app is imported. Raises :class:`ConfigurationError` if there can be none.
        """
        self._wait(0)
        if not isinstance(self._source, str):
            raise ConfigurationError("the process that makes children was killed")
        self._pending = b""
        self._launch()
        self.wait_for_app()

    # ------------------------------------------------------------------ saying

    def start_child(self, number: int, sock: socket.socket, memory: int) -> None:
        """Asks for a child that speaks over ``sock`` and keeps its results in ``memory``. Both stay
        the caller's."""
        line = json.dumps({"do": "start", "child": number}).encode() + b"\n"
        with contextlib.suppress(OSError):  # a lost server is noticed where it is read
            socket.send_fds(self._control, [line], [sock.fileno(), memory])

    async def judge(self, held: Held, error: str, text: str) -> Done:
        """What follows from a death or a passed deadline, by the policy of the task.

        A server that is lost meanwhile has a successor, which is asked then.
        """
        question = {
            "do": "judge",
            "namespace": held.activation.namespace,
            "taskname": held.activation.taskname,
            "state": held.activation.retry_state.SerializeToString().hex(),
            "error": error,
            "text": text,
        }
        try:
            async with asyncio.timeout(JUDGE_TIMEOUT):
                said = await self._answer_to(question)
        except TimeoutError:
            return Done(0, error=f"{error}: {text}")  # the broker ends it when its time is over
        return Done(
            said["status"],
            max_attempts=said.get("max_attempts", -1),
            delay=said.get("delay", -1),
            error=said["error"],
            tries=said.get("tries", 0),
            quiet=error == "Stopping",
        )

    async def _answer_to(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._loop is not None
        while True:
            await self._is_there.wait()
            ask = next(self._numbers)
            answer: asyncio.Future[dict[str, Any]] = self._loop.create_future()
            self._asks[ask] = answer
            try:
                self._control.sendall(json.dumps({**question, "ask": ask}).encode() + b"\n")
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    return await answer
            except (TimeoutError, BlockingIOError):  # it hangs
                raise TimeoutError from None
            except (OSError, _Lost):
                self._is_there.clear()
            finally:
                del self._asks[ask]

    # ------------------------------------------------------------------ hearing

    def _readable(self) -> None:
        try:
            data = self._control.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._said(json.loads(line))

    def _said(self, said: dict[str, Any]) -> None:
        if "judged" in said:
            answer = self._asks.get(said["judged"])
            if answer is not None and not answer.done():
                answer.set_result(said)
        elif "started" in said:
            self.on_started(said["started"], said["pid"])
        elif "exited" in said:
            self.on_exited(said["exited"], said["code"])

    def _lost(self) -> None:
        self._detach()
        self._is_there.clear()
        for answer in self._asks.values():
            if not answer.done():
                answer.set_exception(_Lost())
        self.on_lost()

    def _detach(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._control)
        self._control.close()

    def close(self, patience: float = 3.0) -> None:
        """Ends the server, which ends the children it still has."""
        self.on_lost = _nothing
        if self._control.fileno() >= 0:
            self._detach()
        self._wait(patience)

    def _wait(self, patience: float) -> None:
        if self._process is not None:
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            return
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            if patience == 0:
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _nothing(*_: Any) -> None:
    """Nobody listens yet."""
