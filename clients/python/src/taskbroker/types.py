"""What users may plug into an app."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, Protocol


class AtMostOnceStore(Protocol):
    """Remembers which at-most-once tasks have begun. Shared by all workers of an application."""

    def add(self, key: str, value: str, timeout: int) -> bool:
        """Stores the key for ``timeout`` seconds, in one step.

        Returns true if it was not there before.
        """
        ...


class ContextHook(Protocol):
    """Carries something of the caller's context to where the task runs."""

    def on_dispatch(self, headers: MutableMapping[str, Any]) -> None:
        """May add to the headers of a call that is about to be sent."""
        ...

    def on_execute(self, headers: dict[str, str]) -> AbstractContextManager[None]:
        """Returns what surrounds the task's function on the worker."""
        ...
