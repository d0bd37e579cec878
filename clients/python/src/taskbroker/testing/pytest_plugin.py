"""The fixtures ``taskbroker`` and ``task_context``; pytest finds them by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taskbroker.context import Context
    from taskbroker.testing.broker import InMemoryBroker


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "taskbroker(mode): what becomes of sent tasks: 'fake', 'run' (default) or 'inline'",
    )


@pytest.fixture
def taskbroker(request: pytest.FixtureRequest) -> Iterator[InMemoryBroker]:
    """An :class:`InMemoryBroker` that takes what every app sends while the test runs.

    ``@pytest.mark.taskbroker(mode=…)`` says what becomes of it: "run" (default) runs it when the
    test says so, "fake" records only, "inline" runs each task in the call that sends it and raises
    what it raises.
    """
    from taskbroker.app import known_apps
    from taskbroker.producer import current
    from taskbroker.testing.broker import InMemoryBroker, Mode

    marker = request.node.get_closest_marker("taskbroker")
    mode = Mode(marker.kwargs.get("mode", "run")) if marker else Mode.RUN
    broker = InMemoryBroker(*known_apps(), mode=mode)
    token = current.override.set(broker)
    try:
        yield broker
    finally:
        current.override.reset(token)


TaskContext = Callable[..., AbstractContextManager["Context"]]


@pytest.fixture
def task_context() -> TaskContext:
    """A context for calling one task: ``with task_context(attempt=2): welcome(7, "a")``.

    ``attempt`` is 1 for the first try, ``attempts_left`` 0 and ``remaining`` 10 seconds unless they
    are given; ``headers`` and ``name`` may be, too. The context is what ``with`` returns.
    """

    @contextmanager
    def enter(
        *,
        attempt: int = 1,
        attempts_left: int = 0,
        remaining: float = 10.0,
        headers: dict[str, str] | None = None,
        name: str = "test:task",
    ) -> Iterator[Context]:
        from taskbroker.context import Context
        from taskbroker.task import current_context, new_id

        context = Context(
            id=new_id(),
            name=name,
            attempt=attempt,
            attempts_left=attempts_left,
            deadline=time.monotonic() + remaining,
            headers=headers or {},
        )
        token = current_context.set(context)
        try:
            yield context
        finally:
            current_context.reset(token)

    return enter
