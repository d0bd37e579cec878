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

#: What workers of taskbroker-client assume; ours do not ask for them, programs may.
ALWAYS_EAGER = False
DEFAULT_CHILD_TASK_COUNT = 10_000
DEFAULT_CONSECUTIVE_UNAVAILABLE_ERRORS = 3
DEFAULT_GRPC_MAX_MESSAGE_SIZE = 10 * 1024 * 1024
DEFAULT_REBALANCE_AFTER = 32
DEFAULT_TEMPORARY_UNAVAILABLE_HOST_TIMEOUT = 20
DEFAULT_WORKER_DRAIN_FILE_PATH = "/tmp/taskworker-draining"
DEFAULT_WORKER_HEALTH_CHECK_SEC_PER_TOUCH = 1.0
DEFAULT_WORKER_QUEUE_SIZE = 5
DEFAULT_WORKER_WARMUP_TIMEOUT_SEC = 90.0
MAX_BACKOFF_SECONDS_WHEN_HOST_UNAVAILABLE = 20


class CompressionType(Enum):
    """How the arguments of a task are compressed."""

    PLAINTEXT = "plaintext"
    """Only if they are large."""
    ZSTD = "zstd"
    """Always."""
