"""Numbers and names that are shared with other clients of this protocol."""

from __future__ import annotations

from enum import Enum

#: Seconds that a worker has for a task unless the task says otherwise.
DEFAULT_PROCESSING_DEADLINE = 10

#: The namespace of tasks that brokers make by themselves; not for users.
INTERNAL_NAMESPACE = "internal"

#: Encoded arguments above this size are compressed, whatever the task says.
MAX_PARAMETER_BYTES_BEFORE_COMPRESSION = 3_000_000

#: Seconds for which it is remembered that an at-most-once task has begun.
DEFAULT_AT_MOST_ONCE_TTL = 24 * 3600

#: The topic of every namespace unless a router says otherwise.
DEFAULT_TOPIC = "taskworker"


class CompressionType(Enum):
    """How the arguments of a task are compressed."""

    PLAINTEXT = "plaintext"
    """Only if they are large."""
    ZSTD = "zstd"
    """Always."""
