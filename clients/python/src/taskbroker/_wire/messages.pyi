from collections.abc import Iterable, MutableMapping
from datetime import datetime
from typing import Protocol

PACKAGE: str

class Timestamp(Protocol):
    seconds: int
    nanos: int

    def FromDatetime(self, dt: datetime) -> None: ...
    def ToDatetime(self, tzinfo: object = ...) -> datetime: ...
    def ToNanoseconds(self) -> int: ...

class _Message:
    def SerializeToString(self, *, deterministic: bool = ...) -> bytes: ...
    def HasField(self, field_name: str) -> bool: ...
    def ClearField(self, field_name: str) -> None: ...
    def CopyFrom(self, other: _Message) -> None: ...
    def ByteSize(self) -> int: ...

class RetryState(_Message):
    attempts: int
    max_attempts: int
    on_attempts_exceeded: int
    at_most_once: bool
    delay_on_retry: int
    def __init__(
        self,
        *,
        attempts: int = ...,
        max_attempts: int = ...,
        on_attempts_exceeded: int = ...,
        at_most_once: bool | None = ...,
        delay_on_retry: int | None = ...,
    ) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> RetryState: ...

class TaskActivation(_Message):
    id: str
    namespace: str
    taskname: str
    parameters_json: str
    @property
    def headers(self) -> MutableMapping[str, str]: ...
    @property
    def received_at(self) -> Timestamp: ...
    @property
    def retry_state(self) -> RetryState: ...
    processing_deadline_duration: int
    expires: int
    delay: int
    application: str
    parameters_bytes: bytes
    def __init__(
        self,
        *,
        id: str = ...,
        namespace: str = ...,
        taskname: str = ...,
        headers: dict[str, str] = ...,
        retry_state: RetryState | None = ...,
        processing_deadline_duration: int = ...,
        expires: int | None = ...,
        delay: int | None = ...,
        application: str | None = ...,
        parameters_bytes: bytes = ...,
    ) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> TaskActivation: ...

class FetchNextTask(_Message):
    namespace: str
    application: str
    def __init__(self, *, namespace: str | None = ..., application: str | None = ...) -> None: ...

class GetTaskRequest(_Message):
    namespace: str
    application: str
    def __init__(self, *, namespace: str | None = ..., application: str | None = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> GetTaskRequest: ...

class GetTaskResponse(_Message):
    @property
    def task(self) -> TaskActivation: ...
    def __init__(self, *, task: TaskActivation | None = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> GetTaskResponse: ...

class SetTaskStatusRequest(_Message):
    id: str
    status: int
    @property
    def fetch_next_task(self) -> FetchNextTask: ...
    max_attempts: int
    delay_on_retry: int
    def __init__(
        self,
        *,
        id: str = ...,
        status: int = ...,
        fetch_next_task: FetchNextTask | None = ...,
        max_attempts: int | None = ...,
        delay_on_retry: int | None = ...,
    ) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> SetTaskStatusRequest: ...

class SetTaskStatusResponse(_Message):
    @property
    def task(self) -> TaskActivation: ...
    def __init__(self, *, task: TaskActivation | None = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> SetTaskStatusResponse: ...

class SetBatchActivationStatusRequest(_Message):
    @property
    def updates(self) -> list[SetTaskStatusRequest]: ...
    def __init__(self, *, updates: Iterable[SetTaskStatusRequest] = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> SetBatchActivationStatusRequest: ...

class SetBatchActivationStatusResponse(_Message):
    @staticmethod
    def FromString(data: bytes) -> SetBatchActivationStatusResponse: ...

class PushTaskRequest(_Message):
    @property
    def task(self) -> TaskActivation: ...
    callback_url: str
    def __init__(self, *, task: TaskActivation | None = ..., callback_url: str = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> PushTaskRequest: ...

class PushTaskResponse(_Message):
    @staticmethod
    def FromString(data: bytes) -> PushTaskResponse: ...

ON_ATTEMPTS_EXCEEDED_DISCARD: int
ON_ATTEMPTS_EXCEEDED_DEADLETTER: int

TASK_ACTIVATION_STATUS_FAILURE: int
TASK_ACTIVATION_STATUS_RETRY: int
TASK_ACTIVATION_STATUS_COMPLETE: int
