"""The stream of the broker in memory, to workers that attach themselves."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from taskbroker._wire import exchange, messages, signatures

if TYPE_CHECKING:
    from taskbroker.testing.serve import InMemoryServer

_STATUS = {
    exchange.OUTCOME_STATUS_COMPLETE: messages.TASK_ACTIVATION_STATUS_COMPLETE,
    exchange.OUTCOME_STATUS_FAILURE: messages.TASK_ACTIVATION_STATUS_FAILURE,
    exchange.OUTCOME_STATUS_RETRY: messages.TASK_ACTIVATION_STATUS_RETRY,
}

#: Tasks in one frame.
MAX_TASKS = 256


class Session:
    """One stream. Frames of the worker are read by a thread of their own."""

    def __init__(self, server: InMemoryServer, requests: Iterator[bytes], context: Any) -> None:
        self._server = server
        self._broker = server.broker
        self._requests = requests
        self._context = context
        self._nonce = os.urandom(exchange.NONCE)
        self._number = 0
        self._hello: exchange.Hello
        self._credit = 0
        self._answers: deque[exchange.Answer] = deque()
        self._is_over = False

    def frames(self) -> Iterator[bytes]:
        """What the worker is sent."""
        yield _frame(challenge=exchange.Challenge(nonce=self._nonce))
        first = self._read()
        if first is None:
            return
        if not first.HasField("hello"):
            self._context.abort(self._invalid, "Hello has to be the first frame")
        self._hello = first.hello
        yield _frame(welcome=exchange.Welcome(max_credit_tasks=10_000, max_attempts=10_000))
        yield _frame(held=exchange.Held(attempts=[self._holding(a) for a in first.hello.held]))
        self._context.add_callback(self._end)
        threading.Thread(target=self._listen, name="taskbroker-stream", daemon=True).start()
        while (frame := self._next()) is not None:
            yield frame

    @property
    def _invalid(self) -> Any:
        return self._server.code("INVALID_ARGUMENT")

    def _holding(self, attempt: exchange.Attempt) -> exchange.HeldAttempt:
        is_its = self._server.is_latest(attempt.id, attempt.token)
        holding = exchange.HOLDING_YOURS if is_its else exchange.HOLDING_SUPERSEDED
        return exchange.HeldAttempt(token=attempt.token, holding=holding)

    # ------------------------------------------------------------------ the worker's frames

    def _read(self) -> exchange.WorkerFrame | None:
        try:
            data = next(self._requests, None)
        except Exception:  # gRPC raises an error of its own when the call is over
            return None
        if data is None:
            return None
        signed = exchange.SignedFrame.FromString(data)
        part = exchange.signed_part(self._nonce, self._number, signed.frame)
        self._number += 1
        secrets = self._server.secrets
        if secrets and not signatures.is_valid(
            secrets, exchange.EXCHANGE, part, signed.signature.hex()
        ):
            self._server.refused += 1
            self._context.abort(self._server.code("UNAUTHENTICATED"), "the signature is wrong")
        return exchange.WorkerFrame.FromString(signed.frame)

    def _listen(self) -> None:
        try:
            while (frame := self._read()) is not None:
                with self._broker.lock:
                    self._hear(frame)
                    self._broker.lock.notify_all()
        finally:
            self._end()

    def _hear(self, frame: exchange.WorkerFrame) -> None:
        if frame.HasField("credit"):
            self._credit += frame.credit.tasks
        elif frame.HasField("draining"):
            self._credit = 0
        for outcome in frame.outcomes.outcomes:
            self._answers.append(self._server.hear(outcome, _STATUS[outcome.status]))
        for attempt in frame.hand_back.attempts:
            self._answers.append(self._server.take_back(attempt))

    def _end(self) -> None:
        with self._broker.lock:
            self._is_over = True
            self._broker.lock.notify_all()

    # ------------------------------------------------------------------ ours

    def _next(self) -> bytes | None:
        """Waits for something to say; None once the stream is over."""
        with self._broker.lock:
            while True:
                if self._answers:
                    answers = list(self._answers)
                    self._answers.clear()
                    return _frame(answers=exchange.Answers(answers=answers))
                if self._is_over or self._server.is_closed:
                    return None
                if self._server.failing is not None:
                    self._context.abort(self._server.code(self._server.failing), "told to fail")
                if self._server.draining:
                    self._is_over = True
                    return _frame(draining=exchange.Draining())
                tasks = self._claim()
                if tasks:
                    return _frame(tasks=exchange.Tasks(tasks=tasks))
                due = self._broker.next_due()
                self._broker.lock.wait(
                    None if due is None else max(0.001, due - self._broker.now())
                )

    def _claim(self) -> list[exchange.Task]:
        tasks: list[exchange.Task] = []
        namespaces: list[str | None] = [*self._hello.namespaces] or [None]
        application = self._hello.application if self._hello.HasField("application") else None
        for namespace in namespaces:
            while self._credit > 0 and len(tasks) < MAX_TASKS:
                found = self._broker.claim(application, namespace)
                if found is None:
                    break
                self._credit -= 1
                tasks.append(
                    exchange.Task(
                        token=self._server.token_of(found.id),
                        deadline_millis=found.processing_deadline_duration * 1000,
                        activation=found.SerializeToString(),
                    )
                )
        return tasks


def _frame(**what: Any) -> bytes:
    return exchange.BrokerFrame(**what).SerializeToString()
