"""Namespaces of raw topics: what the broker's settings say cannot be said by the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskbroker.constants import DEFAULT_PROCESSING_DEADLINE, CompressionType
from taskbroker.durations import Duration
from taskbroker.errors import ConfigurationError
from taskbroker.retry import LastAction, Retry

if TYPE_CHECKING:
    from taskbroker.registry import TaskNamespace


def check_namespace(
    name: str, retry: Retry | None, expires: Duration | None, deadline: Duration
) -> None:
    """Raises :class:`ConfigurationError` for an option that would have no effect."""
    if expires is not None or deadline != DEFAULT_PROCESSING_DEADLINE:
        raise ConfigurationError(
            f"namespace {name!r} is of a raw topic: the broker's settings of that topic say when"
            " its tasks expire and what deadline they have"
        )
    _check_retry(name, retry)


def check_task(
    namespace: TaskNamespace,
    retry: Retry | None,
    expires: Duration | None,
    deadline: Duration | None,
    at_most_once: bool,
) -> None:
    """Raises :class:`ConfigurationError` for a second task, or an option without effect."""
    if namespace.tasks():
        raise ConfigurationError(
            f"namespace {namespace.name!r} is of a raw topic and has its one task already,"
            f" {namespace.tasks()[0].name!r}"
        )
    if expires or deadline or at_most_once:
        raise ConfigurationError(
            f"a task of the raw topic's namespace {namespace.name!r} takes none of expires,"
            " processing_deadline_duration and at_most_once; the broker's settings say them"
        )
    _check_retry(namespace.name, retry)


def check_compression(namespace: TaskNamespace, compression: CompressionType) -> None:
    """Raises :class:`ConfigurationError` for compression, which is the broker's to choose."""
    if compression is not CompressionType.PLAINTEXT:
        raise ConfigurationError(
            f"namespace {namespace.name!r} is of a raw topic: the broker compresses its records"
        )


def _check_retry(name: str, retry: Retry | None) -> None:
    if retry is not None and retry.times_exceeded is LastAction.Deadletter:
        raise ConfigurationError(
            f"namespace {name!r} is of a raw topic: its tasks are discarded in the end, and cannot"
            " become dead letters"
        )
