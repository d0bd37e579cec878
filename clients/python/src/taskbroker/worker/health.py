"""Whether the worker is alive, and whether it can be given tasks."""

from __future__ import annotations

from collections.abc import Sequence

from taskbroker.counted import counted
from taskbroker.worker.engine import Engine
from taskbroker.worker.link import Link


class Health:
    """Answers for the health file, the pages and gRPC's health service."""

    def __init__(self, engine: Engine, links: Sequence[Link], mode: str) -> None:
        self._engine = engine
        self._links = links
        self._mode = mode
        self.is_stopping = False

    def live(self) -> tuple[bool, str]:
        """False once only a restart can help: no children can be made, or more tasks are stuck
        than there are places."""
        engine = self._engine
        if engine.broken:
            return False, f"broken: {engine.broken}\n"
        stuck = sum(pool.stuck for pool in engine.pools)
        if stuck > engine.places:
            tasks = counted(stuck, "task is stuck", "tasks are stuck")
            return False, f"{tasks}, in {counted(engine.places, 'place')}\n"
        lines = [line for pool in engine.pools for line in pool.describe()]
        return True, "\n".join(["alive", *lines]) + "\n"

    def ready(self) -> tuple[bool, str]:
        """True once all places are there, until the stop. A worker that fetches also needs a broker
        that answers."""
        if self.is_stopping:
            return False, "stopping\n"
        if not all(pool.ready for pool in self._engine.pools):
            return False, "not all children have started\n"
        if self._mode == "pull" and not any(link.is_up for link in self._links):
            addresses = ", ".join(link.address for link in self._links)
            return False, f"no broker answers: {addresses}\n"
        return True, "ready\n"
