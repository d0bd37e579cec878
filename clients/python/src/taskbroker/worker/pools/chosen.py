"""The pools that a worker has, and which task runs in which.

Each is loaded where it is wanted: a worker keeps its memory for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable

from taskbroker import durations
from taskbroker._wire import messages
from taskbroker.app import App
from taskbroker.execute import find
from taskbroker.worker.engine import Routing
from taskbroker.worker.main import Parts
from taskbroker.worker.options import Options
from taskbroker.worker.pools.port import Pool


def routing(parts: Parts, options: Options) -> Routing:
    """Which pool runs which task."""
    coroutine_pool: Pool | None = None
    if parts.has_coroutines:
        from taskbroker.worker.pools.loop import LoopPool

        assert parts.app is not None
        coroutine_pool = LoopPool(parts.app, options.concurrency_of("async"))
        if not parts.has_functions:
            return Routing(coroutine_pool)
    pool = _function_pool(parts, options)
    if coroutine_pool is None:
        return Routing(pool)
    return Routing(pool, coroutine_pool, _is_coroutine(parts.app))


def _function_pool(parts: Parts, options: Options) -> Pool:
    if parts.control is None:
        from taskbroker.worker.pools.threads import ThreadPool

        assert parts.app is not None
        return ThreadPool(parts.app, options.concurrency_of("threads"))
    from taskbroker.worker.pools.processes import ProcessPool, Recycling

    age = options.max_age
    recycling = Recycling(
        options.max_tasks,
        options.rss_limit(),
        None if age is None else durations.seconds(age, "max_age"),
    )
    return ProcessPool(parts.control, options.concurrency_of("processes"), recycling)


def _is_coroutine(app: App | None) -> Callable[[messages.TaskActivation], bool]:
    def decide(activation: messages.TaskActivation) -> bool:
        try:
            return app is not None and find(app, activation).is_async
        except LookupError:
            return True  # its failure is reported at once, and needs no process

    return decide
