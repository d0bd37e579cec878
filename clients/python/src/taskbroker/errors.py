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


class UnknownTask(TaskbrokerError, LookupError):
    """A worker was handed a task that its application does not define."""


class Unsupported(TaskbrokerError):
    """The broker, or the place where this runs, does not offer what was asked for."""


class ChildDied(TaskbrokerError):
    """The process that ran a task has ended before the task did.

    Nobody raises it in a task; a policy may name it in ``on`` or ``ignore``.
    """


class DeadlineExceeded(BaseException):
    """Raised in a task whose time is over.

    No ``Exception``, so that a task's own ``except Exception`` does not stop it. A policy that is
    to try such a task again names it in ``on``.
    """


class Stopping(BaseException):
    """Raised in a task that still runs when the worker has waited for it long enough, or that an
    operator has cancelled or given back.

    In the first case the task is run again elsewhere, without using up a try.
    """
