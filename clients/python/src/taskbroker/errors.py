"""What can go wrong in a caller's hands, each named by what to do about it."""

from __future__ import annotations


class TaskbrokerError(Exception):
    """Everything that this package raises of its own."""


class ArgumentsError(TaskbrokerError, TypeError, ValueError):
    """Arguments that cannot be sent, or that cannot be read."""


class ConfigurationError(TaskbrokerError, ValueError):
    """Something in the definition of an app, a namespace or a task is wrong."""


class MissingExtra(TaskbrokerError, ImportError):
    """A part of this package is used whose library is not installed."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs a library; install taskbroker[{extra}]")


class DeliveryError(TaskbrokerError):
    """Kafka did not acknowledge a task; it is not known to be there."""
