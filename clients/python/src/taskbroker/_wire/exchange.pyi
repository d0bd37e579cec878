from collections.abc import Iterable, Sequence

from taskbroker._wire.messages import _Message

HAND_BACK: str
EXCHANGE: str
WAIT_MS: str
WAITED_MS: str
DRAINING: str
TOKEN: str
NONCE: int

class Attempt(_Message):
    id: str
    token: int
    def __init__(self, *, id: str = ..., token: int = ...) -> None: ...

class Outcome(_Message):
    id: str
    token: int
    status: int
    max_attempts: int
    delay_on_retry: int
    error: str
    run_time_micros: int
    def __init__(
        self,
        *,
        id: str = ...,
        token: int = ...,
        status: int = ...,
        max_attempts: int | None = ...,
        delay_on_retry: int | None = ...,
        error: str = ...,
        run_time_micros: int = ...,
    ) -> None: ...

class Outcomes(_Message):
    outcomes: Sequence[Outcome]
    def __init__(self, *, outcomes: Iterable[Outcome] = ...) -> None: ...

class Answer(_Message):
    id: str
    token: int
    verdict: int
    granted_millis: int
    retry_after_millis: int
    def __init__(
        self,
        *,
        id: str = ...,
        token: int = ...,
        verdict: int = ...,
        granted_millis: int = ...,
        retry_after_millis: int = ...,
    ) -> None: ...

class Answers(_Message):
    answers: Sequence[Answer]
    def __init__(self, *, answers: Iterable[Answer] = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> Answers: ...

class HandBackRequest(_Message):
    attempts: Sequence[Attempt]
    def __init__(self, *, attempts: Iterable[Attempt] = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> HandBackRequest: ...

class Hello(_Message):
    application: str
    namespaces: Sequence[str]
    name: str
    version: str
    max_task_bytes: int
    held: Sequence[Attempt]
    heartbeat: bool
    def __init__(
        self,
        *,
        application: str | None = ...,
        namespaces: Iterable[str] = ...,
        name: str = ...,
        version: str = ...,
        max_task_bytes: int = ...,
        held: Iterable[Attempt] = ...,
        heartbeat: bool = ...,
    ) -> None: ...

class Credit(_Message):
    tasks: int
    bytes: int
    def __init__(self, *, tasks: int = ..., bytes: int = ...) -> None: ...

class Received(_Message):
    tokens: Sequence[int]
    def __init__(self, *, tokens: Iterable[int] = ...) -> None: ...

class Draining(_Message):
    def __init__(self) -> None: ...

class Cancel(_Message):
    attempts: Sequence[Attempt]
    def __init__(self, *, attempts: Iterable[Attempt] = ...) -> None: ...

class Challenge(_Message):
    nonce: bytes
    def __init__(self, *, nonce: bytes = ...) -> None: ...

class Welcome(_Message):
    max_credit_tasks: int
    max_credit_bytes: int
    max_attempts: int
    heartbeat_millis: int
    def __init__(
        self,
        *,
        max_credit_tasks: int = ...,
        max_credit_bytes: int = ...,
        max_attempts: int = ...,
        heartbeat_millis: int = ...,
    ) -> None: ...

class HeldAttempt(_Message):
    token: int
    holding: int
    def __init__(self, *, token: int = ..., holding: int = ...) -> None: ...

class Held(_Message):
    attempts: Sequence[HeldAttempt]
    def __init__(self, *, attempts: Iterable[HeldAttempt] = ...) -> None: ...

class Task(_Message):
    token: int
    deadline_millis: int
    attempt: int
    activation: bytes
    def __init__(
        self,
        *,
        token: int = ...,
        deadline_millis: int = ...,
        attempt: int = ...,
        activation: bytes = ...,
    ) -> None: ...

class Tasks(_Message):
    tasks: Sequence[Task]
    def __init__(self, *, tasks: Iterable[Task] = ...) -> None: ...

class SignedFrame(_Message):
    frame: bytes
    signature: bytes
    def __init__(self, *, frame: bytes = ..., signature: bytes = ...) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> SignedFrame: ...

class WorkerFrame(_Message):
    hello: Hello
    credit: Credit
    received: Received
    outcomes: Outcomes
    hand_back: HandBackRequest
    draining: Draining
    def __init__(
        self,
        *,
        hello: Hello | None = ...,
        credit: Credit | None = ...,
        received: Received | None = ...,
        outcomes: Outcomes | None = ...,
        hand_back: HandBackRequest | None = ...,
        draining: Draining | None = ...,
    ) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> WorkerFrame: ...

class BrokerFrame(_Message):
    challenge: Challenge
    welcome: Welcome
    held: Held
    tasks: Tasks
    answers: Answers
    cancel: Cancel
    draining: Draining
    def __init__(
        self,
        *,
        challenge: Challenge | None = ...,
        welcome: Welcome | None = ...,
        held: Held | None = ...,
        tasks: Tasks | None = ...,
        answers: Answers | None = ...,
        cancel: Cancel | None = ...,
        draining: Draining | None = ...,
    ) -> None: ...
    @staticmethod
    def FromString(data: bytes) -> BrokerFrame: ...

OUTCOME_STATUS_COMPLETE: int
OUTCOME_STATUS_FAILURE: int
OUTCOME_STATUS_RETRY: int

VERDICT_RECORDED: int
VERDICT_SUPERSEDED: int
VERDICT_NOT_NOW: int

HOLDING_YOURS: int
HOLDING_OVER: int
HOLDING_SUPERSEDED: int

def signed_part(nonce: bytes, number: int, frame: bytes) -> bytes: ...
