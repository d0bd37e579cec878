"""The broker in memory that both clients work for, and the starting of their workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import grpc

from taskbroker import App, LastAction, Retry
from taskbroker._wire import messages, signatures
from taskbroker.cli.dev import DevBroker
from taskbroker.testing import InMemoryServer

HERE = Path(__file__).resolve().parent
PATIENCE_S = 120
PUSH = f"/{messages.PACKAGE}.WorkerService/PushTask"


class CountingBroker(DevBroker):
    """Counts what workers report, and what had to be taken back from them."""

    def __init__(self) -> None:
        super().__init__()
        self.reports = 0
        self.overdue = 0

    def _take_back_overdue(self) -> None:
        before = len(self._handed_out)
        super()._take_back_overdue()
        self.overdue += before - len(self._handed_out)

    def report(self, *given: Any) -> bool:
        self.reports += 1
        return super().report(*given)


class Stage:
    """One broker, with tasks that are sent to it."""

    def __init__(self, secrets: str | None = None, *, is_stream: bool = True) -> None:
        self._secrets = signatures.parse_secrets(secrets)
        self.broker = CountingBroker()
        self.server = InMemoryServer(self.broker, secrets=self._secrets, stream=is_stream)
        self.folder = Path(tempfile.mkdtemp(prefix="bench-clients-"))
        self.notes = self.folder / "notes"
        self._closed = threading.Event()
        self.app = App("bench", transport=self.broker)
        namespace = self.app.namespace("bench")
        for name in ("noop", "mark", "sleep", "die"):
            policy = Retry(3, times_exceeded=LastAction.Discard) if name == "die" else None
            namespace.task(name, retry=policy)(lambda *args: None)

    def __enter__(self) -> Stage:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self.server.stop()

    def send(self, task: str, *args: Any) -> None:
        self.app.get_task("bench", task).delay(*args)

    @property
    def reports(self) -> int:
        return self.broker.reports

    @property
    def overdue(self) -> int:
        """Hand-outs that were taken back because their time was over."""
        return self.broker.overdue

    def await_reports(self, number: int) -> None:
        self._until(lambda: self.broker.reports >= number, f"{number} reports")

    def await_handed_out(self, number: int) -> None:
        """Waits until a worker holds so many tasks, or holds no more of them after 3 s."""
        end = time.monotonic() + 3
        while len(self.broker._handed_out) < number and time.monotonic() < end:
            time.sleep(0.01)

    def await_notes(self, word: str, number: int) -> list[float]:
        """When tasks have written this word, once they have so often."""
        found: list[float] = []

        def look() -> bool:
            if self.notes.exists():
                lines = [line.split() for line in self.notes.read_text().splitlines()]
                found[:] = [float(line[0]) for line in lines if line[1:] == [word]]
            return len(found) >= number

        self._until(look, f"{number} times {word!r}")
        return found

    def _until(self, done: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > end:
                raise SystemExit(f"bench clients: waited {PATIENCE_S} s for {what}")
            time.sleep(0.002)

    def push_to(self, address: str) -> None:
        """Pushes what is due to a worker, four at a time, until the stage closes."""
        channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(channel).result(PATIENCE_S)
        for _ in range(4):
            threading.Thread(target=self._push, args=(channel,), daemon=True).start()

    def _push(self, channel: grpc.Channel) -> None:
        call = channel.unary_unary(PUSH)
        while not self._closed.is_set():
            task = self.broker.claim()
            if task is None:
                time.sleep(0.005)
                continue
            body = messages.PushTaskRequest(task=task).SerializeToString()
            signed = [
                (signatures.HEADER, signatures.sign(s, PUSH, body)) for s in self._secrets[:1]
            ]
            try:
                call(body, metadata=signed, timeout=30)
            except grpc.RpcError:
                self.broker.hand_back(task.id)
                time.sleep(0.001)


class Starter:
    """Starts workers of one of the two clients for a stage."""

    def __init__(
        self, who: str, stage: Stage, secrets: str | None = None, *, is_async: bool = False
    ) -> None:
        self._stage = stage
        self._is_ours = who != "taskbroker-client"
        name = "taskbroker_client" if who == "taskbroker-client" else "taskbroker"
        for program in ("tasks.py", "worker.py", "own_worker.py"):
            text = (HERE / program).read_text().replace("taskbroker_client", name)
            (stage.folder / program).write_text(text)
        self._environment = {**os.environ, "BENCH_NOTES": str(stage.notes)}
        if secrets:
            self._environment["BENCH_SECRETS"] = secrets
        if is_async:
            self._environment["BENCH_ASYNC"] = "1"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]

    @property
    def push_address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def either(self, mode: str, children: int) -> subprocess.Popen[bytes]:
        """A worker with so many children, as each client makes it unless told otherwise.

        Where tasks are pushed ours holds five, as the other one does.
        """
        if self._is_ours:
            return self.own("processes", children, 5 if mode == "push" else 0, mode)
        address = self._stage.server.address
        return self._start("worker.py", mode, address, str(children), str(self._port))

    def own(
        self, pool: str, concurrency: int, prefetch: int = 0, mode: str = "pull"
    ) -> subprocess.Popen[bytes]:
        """A worker of ours."""
        words = [mode, pool, self._stage.server.address, concurrency, prefetch, self._port]
        return self._start("own_worker.py", *map(str, words))

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self._stage.folder,
            env=self._environment,
            start_new_session=True,
            stderr=(self._stage.folder / "worker.log").open("ab"),
        )

    def end(self, worker: subprocess.Popen[bytes]) -> float:
        """Tells a worker to stop; returns the seconds until it has ended."""
        told = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        return time.monotonic() - told
