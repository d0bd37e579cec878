"""The worker's log lines about tasks and brokers: name, id and try stand in the text."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from taskbroker._wire import messages
from taskbroker.seldom import Seldom
from taskbroker.worker.held import Done, Held
from taskbroker.worker.link import Link, RpcFailed

LOG = logging.getLogger("taskbroker.worker")

SAME_SECRETS = (
    "give worker and broker the same secrets (--secrets, TASKBROKER_SECRETS, or secrets=… of the"
    " App; the broker's grpc_shared_secret)"
)

SENDS_BY_ITSELF = (
    "it sends its tasks by itself; start the worker with 'taskworker push' (mode='push') and name"
    " its address (--listen) in the broker's worker_map, or set the broker's delivery_mode to pull"
)

_HINTS = {
    "UNAUTHENTICATED": (
        f"it does not accept this worker's signature, or that it has none; {SAME_SECRETS}"
    ),
    "PERMISSION_DENIED": SENDS_BY_ITSELF,
    "UNAVAILABLE": (
        "it cannot be reached; is it running, and is the address right (--brokers,"
        " TASKBROKER_BROKERS, or brokers=… of the App; the broker's grpc_port)?"
    ),
}


def ended(held: Held, done: Done) -> None:
    """One line for each task that has ended, with the traceback of an error that is news."""
    if done.status == messages.TASK_ACTIVATION_STATUS_COMPLETE and not LOG.isEnabledFor(
        logging.INFO
    ):
        return
    extra = {
        "task_id": held.activation.id,
        "taskname": held.activation.taskname,
        "namespace": held.activation.namespace,
        "status": done.name,
    }
    match done.status:
        case messages.TASK_ACTIVATION_STATUS_COMPLETE:
            LOG.info("%s done in %s", held, _seconds(done.seconds), extra=extra)
        case 0:
            why = done.error or "an at-most-once task that has begun before"
            LOG.warning("%s is not reported: %s", held, why, extra=extra)
        case messages.TASK_ACTIVATION_STATUS_RETRY:
            again = f"again in {done.delay} s" if done.delay > 0 else "again at once"
            _failure(logging.INFO if done.quiet else logging.WARNING, held, done, again, extra)
        case _:
            level = logging.INFO if done.quiet else logging.ERROR
            _failure(level, held, done, "not again", extra)


def taken_back(held: Held) -> None:
    """One line for a task that is none of this worker's any more."""
    LOG.warning(
        "%s was taken from this worker by an operator; nothing of it is reported",
        held,
        extra={"task_id": held.activation.id, "taskname": held.activation.taskname},
    )


def _failure(level: int, held: Held, done: Done, then: str, extra: dict[str, str]) -> None:
    trace = f"\n{done.trace.rstrip()}" if done.trace and not done.quiet else ""
    LOG.log(
        level,
        "%s failed after %s: %s; %s%s",
        held.told(done.tries) if done.tries else held,
        _seconds(done.seconds),
        done.error,
        then,
        trace,
        extra={**extra, "error": done.error},
    )


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value >= 10 or value < 0.005 else f"{value:.2f} s"


class Complaints:
    """Says what is wrong with a broker, once a minute for each kind of failure."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._seldom = Seldom(now)

    def failed(self, link: Link, error: RpcFailed) -> None:
        """A call has failed."""
        if error.code == "NOT_FOUND":
            return
        more = self._seldom.may_say((link.address, error.code))
        if more is None:
            return
        counted = f" ({more} more in the last minute)" if more else ""
        hint = _HINTS.get(error.code, "the worker goes on trying")
        level = logging.ERROR if error.is_refused else logging.WARNING
        LOG.log(level, "broker %s: %s [%s]%s", link.address, hint, error, counted)
