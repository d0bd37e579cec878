"""The broker in memory, served over gRPC to real workers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from taskbroker._wire import exchange, messages, signatures
from taskbroker.errors import MissingExtra
from taskbroker.testing.broker import InMemoryBroker
from taskbroker.testing.exchange import Session

_SERVICE = f"/{messages.PACKAGE}.ConsumerService"


class InMemoryServer:
    """Serves an :class:`InMemoryBroker` on loopback, to workers in any language.

    The broker's clock is the real one while it is served. ``long_poll``, ``hand_back`` and
    ``stream`` say whether these are offered. ``calls`` holds the name of each call that was
    answered, ``refused`` counts those whose signature was missing or wrong. ``credentials`` are
    gRPC's for a server; without them calls are in plain text. Safe for all threads.

    >>> with InMemoryServer(InMemoryBroker(app)) as server:
    ...     Worker("shop:app", brokers=server.address).run()
    """

    def __init__(
        self,
        broker: InMemoryBroker,
        *,
        port: int = 0,
        secrets: Sequence[str] = (),
        long_poll: bool = True,
        hand_back: bool = True,
        stream: bool = True,
        credentials: Any = None,
    ) -> None:
        self.broker = broker
        self.calls: deque[str] = deque(maxlen=100_000)
        self.refused = 0
        self.draining = False
        self.failing: str | None = None
        """The name of the gRPC status that every call is answered with, if any."""
        self._port = port
        self.secrets = list(secrets)
        self._tokens: dict[str, int] = {}
        self._last_token = 0
        self._stream = stream
        self._long_poll = long_poll
        self._hand_back = hand_back
        self._credentials = credentials
        self._server: Any = None
        self._grpc: Any = None
        self.is_closed = False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> InMemoryServer:
        """Serves. Raises ``OSError`` if the port is taken."""
        try:
            import grpc
        except ImportError:
            raise MissingExtra("worker", "serving a broker") from None
        self._grpc = grpc
        self.is_closed = False
        self._server = grpc.server(
            ThreadPoolExecutor(64, "taskbroker-served"),
            options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", -1)],
        )
        self._server.add_generic_rpc_handlers((_handlers(grpc, self),))
        try:
            self._port = (
                self._server.add_insecure_port(self.address)
                if self._credentials is None
                else self._server.add_secure_port(self.address, self._credentials)
            )
        except RuntimeError as e:
            raise OSError(f"cannot listen at {self.address}: {e}") from None
        self.broker.follow(time.time)
        self._server.start()
        return self

    def stop(self) -> None:
        """Ends all calls; :meth:`start` serves again, at the same port."""
        with self.broker.lock:
            self.is_closed = True
            self.broker.lock.notify_all()
        self._server.stop(0).wait()

    def __enter__(self) -> InMemoryServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def changed(self) -> None:
        """Tells calls that wait for a task that there may be one now."""
        with self.broker.lock:
            self.broker.lock.notify_all()

    def code(self, name: str) -> Any:
        """gRPC's status of this name."""
        return self._grpc.StatusCode[name]

    # ------------------------------------------------------------------ attempts

    def token_of(self, task_id: str) -> int:
        """Begins an attempt of a task that was just claimed."""
        self._last_token += 1
        self._tokens[task_id] = self._last_token
        return self._last_token

    def is_latest(self, task_id: str, token: int) -> bool:
        """Returns true if the attempt is the task's latest, and the task is not over."""
        return self._tokens.get(task_id) == token

    def hear(self, outcome: exchange.Outcome, status: int) -> exchange.Answer:
        """Takes what became of an attempt."""
        verdict = exchange.VERDICT_SUPERSEDED
        if self.is_latest(outcome.id, outcome.token):
            del self._tokens[outcome.id]
            verdict = exchange.VERDICT_RECORDED
            self.broker.report(
                outcome.id,
                status,
                outcome.max_attempts if outcome.HasField("max_attempts") else None,
                outcome.delay_on_retry if outcome.HasField("delay_on_retry") else None,
            )
        return exchange.Answer(id=outcome.id, token=outcome.token, verdict=verdict)

    def take_back(self, attempt: exchange.Attempt) -> exchange.Answer:
        """Takes back a task that was not begun."""
        verdict = exchange.VERDICT_SUPERSEDED
        if self.is_latest(attempt.id, attempt.token) and self.broker.hand_back(attempt.id):
            del self._tokens[attempt.id]
            verdict = exchange.VERDICT_RECORDED
        return exchange.Answer(id=attempt.id, token=attempt.token, verdict=verdict)

    # ------------------------------------------------------------------ calls

    def answer(self, path: str, body: bytes, context: Any) -> bytes:
        """Answers one call; for the handler below."""
        code = self._grpc.StatusCode
        metadata = dict(context.invocation_metadata())
        if self.secrets:
            given = metadata.get(signatures.HEADER, "")
            if not signatures.is_valid(self.secrets, path, body, given):
                self.refused += 1
                context.abort(code.UNAUTHENTICATED, "the signature is missing or wrong")
        if self.failing is not None:
            context.abort(code[self.failing], "told to fail")
        name = path.rpartition("/")[2]
        self.calls.append(name)
        match name:
            case "GetTask":
                return self._get_task(messages.GetTaskRequest.FromString(body), metadata, context)
            case "SetTaskStatus":
                return self._set_status(messages.SetTaskStatusRequest.FromString(body), context)
            case "SetBatchActivationStatus":
                many = messages.SetBatchActivationStatusRequest.FromString(body)
                for update in many.updates:
                    self._report(update)
            case _:
                back = exchange.HandBackRequest.FromString(body).attempts
                with self.broker.lock:
                    answers = exchange.Answers(answers=[self.take_back(one) for one in back])
                return answers.SerializeToString()
        return b""

    def attach(self, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        """Answers one stream."""
        if self.failing is not None:
            context.abort(self.code(self.failing), "told to fail")
        self.calls.append("Exchange")
        return Session(self, requests, context).frames()

    def knows(self, path: str) -> bool:
        """Returns true for the methods that are served."""
        if path == exchange.HAND_BACK:
            return self._hand_back
        if path == exchange.EXCHANGE:
            return self._stream
        return path.startswith(_SERVICE)

    def _get_task(
        self, request: messages.GetTaskRequest, metadata: dict[str, str], context: Any
    ) -> bytes:
        began = time.monotonic()
        wait = int(metadata.get(exchange.WAIT_MS, "0")) / 1000 if self._long_poll else 0.0
        context.add_callback(self.changed)
        with self.broker.lock:
            while True:
                task = None if self._is_gone(context) else self._claim(request)
                left = began + wait - time.monotonic()
                if task is not None or left <= 0 or self._is_gone(context):
                    break
                due = self.broker.next_due()
                until_due = left if due is None else max(0.001, due - self.broker.now())
                self.broker.lock.wait(min(left, until_due))
        trailers = []
        if wait:
            trailers.append((exchange.WAITED_MS, str(int((time.monotonic() - began) * 1000))))
        if self.draining:
            trailers.append((exchange.DRAINING, "1"))
        if task is not None:
            trailers.append((exchange.TOKEN, str(self.token_of(task.id))))
        context.set_trailing_metadata(tuple(trailers))
        if task is None:
            context.abort(self._grpc.StatusCode.NOT_FOUND, "no task is due")
        return messages.GetTaskResponse(task=task).SerializeToString()

    def _is_gone(self, context: Any) -> bool:
        return self.is_closed or self.draining or not context.is_active()

    def _claim(self, asked: messages.GetTaskRequest | messages.FetchNextTask) -> Any:
        return self.broker.claim(
            asked.application if asked.HasField("application") else None,
            asked.namespace if asked.HasField("namespace") else None,
        )

    def _set_status(self, update: messages.SetTaskStatusRequest, context: Any) -> bytes:
        task = None
        with self.broker.lock:
            self._report(update)
            if update.HasField("fetch_next_task") and not self.draining:
                task = self._claim(update.fetch_next_task)
            if task is not None:
                context.set_trailing_metadata(((exchange.TOKEN, str(self.token_of(task.id))),))
        return messages.SetTaskStatusResponse(task=task).SerializeToString()

    def _report(self, update: messages.SetTaskStatusRequest) -> None:
        self._tokens.pop(update.id, None)
        self.broker.report(
            update.id,
            update.status,
            update.max_attempts if update.HasField("max_attempts") else None,
            update.delay_on_retry if update.HasField("delay_on_retry") else None,
        )


def _handlers(grpc: Any, server: InMemoryServer) -> Any:
    class Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
        """No serializers: signatures are made over the bytes as they come."""

        def service(self, call: Any) -> Any:
            path = call.method
            if not server.knows(path):
                return None
            if path == exchange.EXCHANGE:
                return grpc.stream_stream_rpc_method_handler(server.attach)
            return grpc.unary_unary_rpc_method_handler(
                lambda body, context: server.answer(path, body, context)
            )

    return Handlers()
