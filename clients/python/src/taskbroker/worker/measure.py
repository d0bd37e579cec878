"""The worker's numbers, by the names that dashboards of this protocol know."""

from __future__ import annotations

import time

from taskbroker.metrics import MetricsBackend, NoOpMetricsBackend
from taskbroker.worker.held import Done, Held


class Measures:
    """Counts what the worker does. ``pool`` is the tag ``processing_pool``.

    Where nobody takes the numbers, those of single tasks are not even put together.
    """

    def __init__(self, backend: MetricsBackend, pool: str) -> None:
        self.backend = backend
        self.tags = {"processing_pool": pool}
        self._is_silent = type(backend) is NoOpMetricsBackend

    def _of(self, held: Held) -> dict[str, str]:
        return {
            **self.tags,
            "namespace": held.activation.namespace,
            "taskname": held.activation.taskname,
            "taskbroker_host": held.from_link.address,
        }

    def fetched(self, came: bool) -> None:
        """A GetTask was answered."""
        if self._is_silent:
            return
        self.backend.incr("taskworker.client.get_task", 1, self.tags)
        if not came:
            self.backend.incr("taskworker.worker.fetch_task.not_found", 1, self.tags)

    def fetched_next(self, came: bool) -> None:
        """A report that asks for the next task was answered."""
        if self._is_silent:
            return
        self.backend.incr("taskworker.client.fetch_next", 1, {**self.tags, "next": str(came)})

    def rpc_error(self, method: str, code: str) -> None:
        tags = {**self.tags, "method": method, "status": code}
        self.backend.incr("taskworker.client.rpc_error", 1, tags)

    def rpc(self, method: str, host: str, seconds: float) -> None:
        """A call has taken so long."""
        if self._is_silent:
            return
        tags = {**self.tags, "host": host}
        self.backend.distribution(f"taskworker.{method}.rpc", seconds, tags, "second")

    def batch(self, size: int) -> None:
        """So many results went in one call."""
        self.backend.distribution("taskworker.worker.update_status_batch_size", size, self.tags)

    def touched(self) -> None:
        """The health file was touched."""
        self.backend.incr("taskworker.client.health_check.touched", 1, self.tags)

    def pushed(self, result: str) -> None:
        """A pushed task was "accepted", or refused as "busy" or "unauthenticated"."""
        if self._is_silent:
            return
        self.backend.incr("taskworker.worker.push_rpc", 1, {**self.tags, "result": result})

    def ended(self, held: Held, done: Done) -> None:
        """A task has ended."""
        if self._is_silent:
            return
        tags = self._of(held)
        backend = self.backend
        backend.incr("taskworker.worker.execute_task", 1, {**tags, "status": done.name})
        backend.distribution("taskworker.worker.execution_duration", done.seconds, tags, "second")
        if held.activation.HasField("received_at"):
            sent = held.activation.received_at.ToNanoseconds() / 1e9
            total = max(0.0, time.time() - sent)
            backend.distribution("taskworker.worker.e2e_latency", total, tags, "second")
            backend.distribution(
                "taskworker.worker.execution_latency",
                max(0.0, total - done.seconds),
                tags,
                "second",
            )
        if not done.status:
            backend.incr("taskworker.worker.at_most_once.skipped", 1, tags)
        if done.error.startswith("UnknownTask"):
            backend.incr("taskworker.worker.unknown_task", 1, tags)
        elif done.error.startswith("DeadlineExceeded"):
            backend.incr("taskworker.worker.processing_deadline_exceeded", 1, tags)
        elif done.error.startswith("ChildDied"):
            backend.incr("taskworker.worker.child_died", 1, tags)

    def state(self, *, running: int, places: int, waiting: int, unreported: int) -> None:
        """What the worker holds now."""
        gauge = self.backend.gauge
        gauge("taskworker.worker.concurrency", places, tags=self.tags)
        gauge("taskworker.worker.running", running, tags=self.tags)
        gauge("taskworker.child_tasks.size", waiting, tags=self.tags)
        gauge("taskworker.processed_tasks.size", unreported, tags=self.tags)
        if places:
            gauge("taskworker.worker.occupancy", min(1.0, running / places), tags=self.tags)

    def stopped(self, finished: int, handed_back: int, killed: int, seconds: float) -> None:
        """The worker has stopped."""
        backend = self.backend
        backend.incr("taskworker.worker.shutdown.finished", finished, self.tags)
        backend.incr("taskworker.worker.shutdown.handed_back", handed_back, self.tags)
        backend.incr("taskworker.worker.shutdown.children_killed", killed, self.tags)
        backend.distribution("taskworker.worker.shutdown.duration", seconds, self.tags, "second")
