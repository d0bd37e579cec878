"""A broker over gRPC."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from taskbroker._wire import exchange, messages, signatures
from taskbroker.errors import MissingExtra
from taskbroker.version import VERSION
from taskbroker.worker.link import Answer, Attempt, NotOffered, RpcFailed, Stream, StreamOver
from taskbroker.worker.measure import Measures
from taskbroker.worker.options import address_of
from taskbroker.worker.tls import Tls

SERVICE = f"/{messages.PACKAGE}.ConsumerService"
GET_TASK = f"{SERVICE}/GetTask"
SET_STATUS = f"{SERVICE}/SetTaskStatus"
SET_MANY = f"{SERVICE}/SetBatchActivationStatus"

#: Seconds that a broker has for an answer, beyond the time that it may hold the call.
TIMEOUT = 10.0

#: Seconds that calls have to end on a channel whose certificates have been renewed.
LONGEST_CALL = 60.0

#: Seconds for a look at an address that gRPC could not connect to.
LOOK_TIMEOUT = 1.0


def grpc_library() -> Any:
    """gRPC, which is loaded once a worker runs. Raises :class:`MissingExtra` without it."""
    try:
        import grpc
        import grpc.aio
    except ImportError:
        raise MissingExtra("worker", "a worker") from None
    return grpc


def program() -> str:
    """What a worker says that it is: brokers show it to operators."""
    return f"taskbroker-python/{VERSION}"


class GrpcBroker:
    """Calls one broker. Messages are serialized here, so that what is signed is what is sent."""

    def __init__(
        self,
        address: str,
        secrets: Sequence[str],
        max_message_bytes: int,
        measures: Measures,
        tls: Tls | None = None,
    ) -> None:
        self.address = address
        self._grpc = grpc_library()
        self.errors = self._grpc.aio.AioRpcError
        self._secret = secrets[0] if secrets else None
        self._measures = measures
        self._max_message_bytes = max_message_bytes
        self._tls = tls
        self._version = 0 if tls is None else tls.version()
        self._former: set[asyncio.Task[None]] = set()
        self._open()

    def _open(self) -> None:
        options = [
            ("grpc.max_receive_message_length", self._max_message_bytes),
            ("grpc.max_send_message_length", self._max_message_bytes),
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 5_000),
            ("grpc.enable_retries", 0),
            ("grpc.primary_user_agent", program()),
        ]
        aio = self._grpc.aio
        self._channel = (
            aio.insecure_channel(self.address, options=options)
            if self._tls is None
            else aio.secure_channel(self.address, self._tls.of_channel(self._grpc), options=options)
        )
        self._get_task = self._channel.unary_unary(GET_TASK)
        self._set_status = self._channel.unary_unary(SET_STATUS)
        self._set_many = self._channel.unary_unary(SET_MANY)
        self._hand_back = self._channel.unary_unary(exchange.HAND_BACK)
        self._exchange = self._channel.stream_stream(exchange.EXCHANGE)

    def _follow_files(self) -> None:
        """A channel keeps its certificates, so that renewed ones need another one."""
        if self._tls is None or self._tls.version() == self._version:
            return
        self._version = self._tls.version()
        closing = asyncio.create_task(self._channel.close(LONGEST_CALL))
        self._former.add(closing)
        closing.add_done_callback(self._former.discard)
        self._open()

    async def connect(self, timeout: float) -> None:
        self._follow_files()
        try:
            async with asyncio.timeout(timeout):
                await self._channel.channel_ready()
        except TimeoutError:
            why = await why_unreachable(self.address, self._tls)
            raise RpcFailed(self.address, "connect", "UNAVAILABLE", why) from None

    async def get_task(self, request: messages.GetTaskRequest, wait: float) -> Answer:
        self._follow_files()
        body = request.SerializeToString()
        metadata = self._metadata(GET_TASK, body)
        if wait > 0:
            metadata = (*metadata, (exchange.WAIT_MS, str(int(wait * 1000))))
        try:
            call = self._get_task(body, metadata=metadata, timeout=wait + TIMEOUT)
            response = messages.GetTaskResponse.FromString(await call)
        except self._grpc.aio.AioRpcError as e:
            if e.code() is not self._grpc.StatusCode.NOT_FOUND:
                raise self.failure("GetTask", e) from None
            return _answer(e.trailing_metadata())
        return _answer(
            await call.trailing_metadata(), response.task if response.HasField("task") else None
        )

    async def set_status(self, update: messages.SetTaskStatusRequest) -> Answer:
        body = update.SerializeToString()
        answer, call = await self._unary(self._set_status, "SetTaskStatus", SET_STATUS, body)
        response = messages.SetTaskStatusResponse.FromString(answer)
        if not response.HasField("task"):
            return Answer(None)
        return Answer(response.task, find_token=partial(_find_token, call))

    async def set_many(self, updates: Sequence[messages.SetTaskStatusRequest]) -> None:
        body = messages.SetBatchActivationStatusRequest(updates=updates).SerializeToString()
        await self._unary(self._set_many, "SetBatchActivationStatus", SET_MANY, body)

    async def hand_back(self, attempts: Sequence[Attempt]) -> list[bool]:
        request = exchange.HandBackRequest(
            attempts=[exchange.Attempt(id=task_id, token=token) for task_id, token in attempts]
        )
        body = request.SerializeToString()
        try:
            answer, _ = await self._unary(self._hand_back, "HandBack", exchange.HAND_BACK, body)
        except RpcFailed as e:
            if e.code == "UNIMPLEMENTED":
                raise NotOffered from None
            raise
        answers = exchange.Answers.FromString(answer).answers
        return [one.verdict == exchange.VERDICT_RECORDED for one in answers]

    async def attach(self) -> Stream:
        self._follow_files()
        stream = _Stream(self, self._exchange())
        try:
            async with asyncio.timeout(TIMEOUT):  # wait_for may swallow that it is cancelled
                challenge = await stream.read()
        except TimeoutError:
            stream.cancel()
            raise RpcFailed(self.address, "Exchange", "DEADLINE_EXCEEDED", "no challenge") from None
        except RpcFailed as e:
            if e.code == "UNIMPLEMENTED":
                raise NotOffered from None
            raise
        if challenge is None or len(challenge.challenge.nonce) != exchange.NONCE:
            stream.cancel()
            raise RpcFailed(self.address, "Exchange", "INTERNAL", "the challenge is none")
        stream.nonce = challenge.challenge.nonce
        return stream

    @property
    def is_renewed(self) -> bool:
        return self._tls is not None and self._tls.version() != self._version

    async def _unary(self, method: Any, name: str, path: str, body: bytes) -> tuple[bytes, Any]:
        began = time.perf_counter()
        call = method(body, metadata=self._metadata(path, body), timeout=TIMEOUT)
        try:
            answer: bytes = await call
        except self._grpc.aio.AioRpcError as e:
            raise self.failure(name, e) from None
        self._measures.rpc("update_task", self.address, time.perf_counter() - began)
        return answer, call

    def _metadata(self, path: str, body: bytes) -> tuple[tuple[str, str], ...]:
        if self._secret is None:
            return ()
        return ((signatures.HEADER, signatures.sign(self._secret, path, body)),)

    def signed(self, nonce: bytes, number: int, frame: bytes) -> bytes:
        """The signature of a frame of the stream; empty without a secret."""
        if self._secret is None:
            return b""
        part = exchange.signed_part(nonce, number, frame)
        return bytes.fromhex(signatures.sign(self._secret, exchange.EXCHANGE, part))

    def failure(self, method: str, error: Any) -> RpcFailed:
        """Counts what gRPC has raised, and turns it into what workers know."""
        code = error.code().name
        self._measures.rpc_error(method, code)
        return RpcFailed(self.address, method, code, error.details() or "no details")

    async def close(self) -> None:
        for closing in self._former:
            closing.cancel()
        await self._channel.close(None)


class _Stream:
    """One call of Exchange."""

    def __init__(self, broker: GrpcBroker, call: Any) -> None:
        self.nonce = b""
        self._broker = broker
        self._call = call
        self._number = 0
        self._errors = (broker.errors, asyncio.InvalidStateError)

    async def read(self) -> exchange.BrokerFrame | None:
        try:
            data = await self._call.read()
        except self._broker.errors as e:
            raise self._broker.failure("Exchange", e) from None
        if isinstance(data, bytes):
            return exchange.BrokerFrame.FromString(data)
        code = await self._call.code()
        if code.name == "OK":
            return None
        details = await self._call.details()
        raise RpcFailed(self._broker.address, "Exchange", code.name, details or "no details")

    async def write(self, frame: exchange.WorkerFrame) -> None:
        raw = frame.SerializeToString()
        signature = self._broker.signed(self.nonce, self._number, raw)
        self._number += 1
        message = exchange.SignedFrame(frame=raw, signature=signature)
        try:
            await self._call.write(message.SerializeToString())
        except self._errors:
            raise StreamOver from None  # the reader says why

    async def done_writing(self) -> None:
        try:
            await self._call.done_writing()
        except self._errors:
            raise StreamOver from None

    def cancel(self) -> None:
        self._call.cancel()


async def why_unreachable(address: str, tls: Tls | None = None) -> str:
    """What stands in the way of a connection to "host:port", as far as a look can tell."""
    host, port = address_of(address, "a broker's address")
    try:
        await asyncio.to_thread(_look, host, port, tls)
    except TimeoutError:
        return "nobody answers there"
    except ConnectionRefusedError:
        return "nothing listens there"
    except ssl.SSLError as e:
        reason = getattr(e, "reason", None) or e
        return f"TLS is not agreed upon: {reason}; see tls_ca and tls_certificate here"
    except OSError as e:
        return str(e)
    return "what listens there does not speak gRPC" + (
        ", or over TLS only (tls_ca)" if tls is None else ""
    )


def _look(host: str, port: int, tls: Tls | None) -> None:
    with socket.create_connection((host, port), timeout=LOOK_TIMEOUT) as plain:
        if tls is not None:
            with tls.of_look().wrap_socket(plain, server_hostname=host) as encrypted:
                # With TLS 1.3 a refusal of our certificate comes here, as an alert or as an end.
                if not encrypted.recv(1):
                    raise ssl.SSLError("the connection ends after the handshake")


async def _find_token(call: Any) -> int:
    return _answer(await call.trailing_metadata()).token


def _answer(trailers: Any, task: messages.TaskActivation | None = None) -> Answer:
    found = {key: value for key, value in trailers or ()}
    waited = found.get(exchange.WAITED_MS)
    return Answer(
        task,
        waited=None if waited is None else _seconds(waited),
        draining=found.get(exchange.DRAINING) == "1",
        token=_number(found.get(exchange.TOKEN, "")),
    )


def _seconds(text: str) -> float:
    return _number(text) / 1000


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
