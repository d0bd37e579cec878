"""Policies: what follows from what a task raises."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskbroker import App, ConfigurationError, Fail, LastAction, Retry, Snooze, exponential
from taskbroker._wire import messages
from taskbroker.execute import judge
from taskbroker.retry import NoRetriesRemainingError, RetryTaskError
from taskbroker.testing import InMemoryBroker
from vectors import VECTORS

KINDS: dict[str, BaseException] = {
    "OSError": OSError("no"),
    "FileNotFoundError": FileNotFoundError("no"),
    "ValueError": ValueError("no"),
    "RetryTaskError": RetryTaskError("again"),
    "NoRetriesRemainingError": NoRetriesRemainingError("none"),
    "Retry.now": Retry.now(),
    "Retry.after 30s": Retry.after("30s"),
    "Fail": Fail("never"),
    "Snooze 5m": Snooze("5m"),
}


def rows() -> list[Any]:
    return [pytest.param(r, id=r["name"]) for r in json.loads((VECTORS / "retry.json").read_text())]


def policy(given: dict[str, Any] | None) -> Retry | None:
    if given is None:
        return None
    backoff = None
    if "backoff" in given:
        b = given["backoff"]
        backoff = exponential(
            b["first"], max=b["max"], jitter=b["jitter"], draw=lambda: float(b["draw"])
        )
    kinds = {"OSError": OSError, "FileNotFoundError": FileNotFoundError}
    return Retry(
        given["times"],
        tuple(kinds[k] for k in given.get("on", [])),
        tuple(kinds[k] for k in given.get("ignore", [])),
        LastAction.Deadletter if given.get("deadletter") else LastAction.Discard,
        given.get("delay"),
        backoff=backoff,
    )


@pytest.mark.parametrize("row", rows())
def test_what_follows(row: dict[str, Any]) -> None:
    app = App("shop", transport=InMemoryBroker())
    retry = policy(row["policy"])
    task = app.namespace("n", retry=retry).task("t")(lambda: None)
    times = retry.times if retry else 1
    state = messages.RetryState(
        attempts=row["attempts"], max_attempts=row.get("max_attempts_before", times)
    )

    outcome = judge(task, state, KINDS[row["raised"]])

    assert outcome.name == row["outcome"]
    assert outcome.max_attempts == row.get("max_attempts")
    assert outcome.delay_on_retry == row.get("delay")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Retry(0), "times counts all tries"),
        (lambda: Retry(2, delay=-1), "delay must not be negative"),
        (lambda: exponential("1s", jitter=2), "jitter must be from 0 to 1"),
        (lambda: exponential("1s", factor=0.5), "factor"),
        (lambda: exponential("soon"), "'soon'"),
    ],
)
def test_a_wrong_policy_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make()


def test_backoff_never_outgrows_its_limit() -> None:
    wait = exponential("1s", max="1h")
    assert [wait(n) for n in (1, 2, 3, 13, 5000)] == [1, 2, 4, 3600, 3600]
