"""A real broker for tests: this repository's own, as a process that may be killed."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import urllib.request
from pathlib import Path

from built import built, free_port
from vectors import REPOSITORY
from workers import eventually

PATIENCE_S = 120


class BrokerProcess:
    """The packaged broker on a store of its own. Its settings let deadlines and outages pass fast.

    Skips the test if the broker is not built.
    """

    def __init__(self, folder: Path, kafka: str, topic: str) -> None:
        self._built = built()
        self._port, self._admin_port = free_port(), free_port()
        self._store = folder / "inflight.sqlite"
        self._settings = folder / "broker.yml"
        self._log = folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        consumed = {"cluster": "test", "consumer_group": topic}
        settings = {
            "grpc_addr": "127.0.0.1",
            "grpc_port": self._port,
            "kafka_clusters": {"test": {"address": kafka}},
            "kafka_topics": {topic: consumed, f"{topic}-dlq": {**consumed, "produce_only": True}},
            "kafka_deadletter_topic": f"{topic}-dlq",
            "kafka_auto_offset_reset": "earliest",
            "kafka_session_timeout_ms": 5_000,
            "store": {
                "sqlite": {"path": str(self._store)},
                "processing_deadline_grace_sec": 0,
            },
            "admin": {"port": self._admin_port, "without_token": "operator"},
            "upkeep_task_interval_ms": 200,
            "upkeep_deadline_reset_skip_after_startup_sec": 1,
        }
        self._settings.write_text(json.dumps(settings))  # which is YAML, too

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Returns when it is heard."""
        options = f"@{REPOSITORY / 'deploy' / 'program' / 'jvm.options'}"
        command = [self._built.java, "-Xmx256m", options, "-jar", self._built.broker]
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [*map(str, command), "-c", str(self._settings)], stdout=out, stderr=out
            )
        eventually(self._is_heard, PATIENCE_S, f"the broker has not started: {self._log}")

    def _is_heard(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self._port)) == 0

    def kill(self) -> None:
        """As if the power were gone, for this process."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Tells it to stop; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def end(self) -> None:
        """Kills it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def cancel(self, task_id: str) -> None:
        """Has an operator cancel a task."""
        order = json.dumps({"id": task_id, "reason": "a test"}).encode()
        url = f"http://127.0.0.1:{self._admin_port}/api/v1/tasks/cancel"
        request = urllib.request.Request(url, order, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert answer.status == 200

    def stored(self) -> int:
        """Tasks that are in its store."""
        store = sqlite3.connect(f"file:{self._store}?mode=ro", uri=True, timeout=60)
        try:
            (count,) = store.execute("SELECT count(*) FROM inflight_taskactivations").fetchone()
            return int(count)
        finally:
            store.close()
