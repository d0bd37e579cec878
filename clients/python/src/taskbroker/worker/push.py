"""Serves ``WorkerService``, for brokers that send their tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from taskbroker._wire import messages, signatures
from taskbroker.seldom import Seldom
from taskbroker.worker.credits import Credits
from taskbroker.worker.grpc_broker import grpc_library
from taskbroker.worker.link import Link
from taskbroker.worker.measure import Measures
from taskbroker.worker.options import address_of
from taskbroker.worker.say import SAME_SECRETS
from taskbroker.worker.tls import Tls

LOG = logging.getLogger("taskbroker.worker")

WORKER_SERVICE = f"{messages.PACKAGE}.WorkerService"
PUSH_TASK = f"/{WORKER_SERVICE}/PushTask"
HEALTH_CHECK = "/grpc.health.v1.Health/Check"

_SERVING, _NOT_SERVING = b"\x08\x01", b"\x08\x02"


class PushServer:
    """Accepts a task while there is a credit for it, and answers busy otherwise, at once.

    Signatures are checked over the bytes as they came. The health service answers SERVING while
    ``is_ready`` says so, for the names "" and that of ``WorkerService``.
    """

    def __init__(
        self,
        links: Sequence[Link],
        credits: Credits,
        take: Callable[[messages.TaskActivation, Link], None],
        secrets: Sequence[str],
        is_ready: Callable[[], bool],
        measures: Measures,
    ) -> None:
        self._links = {link.address: link for link in links}
        self._first = links[0]
        self._credits = credits
        self._take = take
        self._secrets = secrets
        self._is_ready = is_ready
        self._measures = measures
        self._grpc = grpc_library()
        self._server: Any = None
        self._stopping = False
        self._refusals = Seldom()

    async def start(self, listen: str, max_message_bytes: int, tls: Tls | None = None) -> int:
        """Serves at "host:port" and returns the port, which the system chooses if it is 0.
        Without ``tls`` in plain text.

        Raises ``OSError`` if the address cannot be had.
        """
        grpc = self._grpc
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", max_message_bytes),
                ("grpc.so_reuseport", 0),
            ]
        )
        self._server.add_generic_rpc_handlers((_handlers(grpc, self._push, self._check),))
        host, port = address_of(listen, "listen")
        try:
            bound: int = (
                self._server.add_insecure_port(listen)
                if tls is None
                else self._server.add_secure_port(listen, tls.of_server(grpc))
            )
        except RuntimeError as e:
            raise OSError(f"cannot listen at {listen}: {e}") from None
        if bound == 0:
            raise OSError(f"cannot listen at {host}:{port}; is another worker there?")
        await self._server.start()
        return bound

    async def _push(self, body: bytes, context: Any) -> bytes:
        status = self._grpc.StatusCode
        if not self._is_signed(body, context):
            self._measures.pushed("unauthenticated")
            self._complain(context)
            await context.abort(
                status.UNAUTHENTICATED,
                "the signature is missing or wrong; give broker and worker the same secrets",
            )
        request = _parsed(body)
        if request is None:
            await context.abort(status.INVALID_ARGUMENT, "the request holds no task")
            return b""
        if self._stopping:
            await context.abort(status.UNAVAILABLE, "the worker stops")
        if not self._credits.take():
            self._measures.pushed("busy")
            await context.abort(status.RESOURCE_EXHAUSTED, "worker busy")
        self._measures.pushed("accepted")
        link = self._links.get(request.callback_url, self._first)
        self._take(request.task, link)
        return b""

    def _is_signed(self, body: bytes, context: Any) -> bool:
        if not self._secrets:
            return True
        found = dict(context.invocation_metadata() or ()).get(signatures.HEADER, "")
        given = found if isinstance(found, str) else found.decode(errors="replace")
        return signatures.is_valid(self._secrets, PUSH_TASK, body, given.lower())

    def _complain(self, context: Any) -> None:
        more = self._refusals.may_say("signature")
        if more is not None:
            LOG.error(
                "%d pushed tasks were refused, as their signature is missing or wrong, the last"
                " from %s; %s",
                more + 1,
                context.peer(),
                SAME_SECRETS,
            )

    async def _check(self, body: bytes, context: Any) -> bytes:
        name = body[2:].decode(errors="replace") if body[:1] == b"\x0a" else ""
        if name not in ("", WORKER_SERVICE):
            await context.abort(self._grpc.StatusCode.NOT_FOUND, f"no service {name!r} is here")
        return _SERVING if self._is_ready() and not self._stopping else _NOT_SERVING

    def stop_accepting(self) -> None:
        """Health is NOT_SERVING from now on, and tasks are refused."""
        self._stopping = True

    async def close(self) -> None:
        if self._server is not None:
            await self._server.stop(0.5)


def _parsed(body: bytes) -> messages.PushTaskRequest | None:
    try:
        request = messages.PushTaskRequest.FromString(body)
    except Exception:  # the type of protobuf's error depends on its version
        return None
    return request if request.HasField("task") else None


def _handlers(grpc: Any, push: Any, check: Any) -> Any:
    class Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
        """No serializers: handlers see the bytes as they came."""

        def service(self, call: Any) -> Any:
            method = {PUSH_TASK: push, HEALTH_CHECK: check}.get(call.method)
            return None if method is None else grpc.unary_unary_rpc_method_handler(method)

    return Handlers()
