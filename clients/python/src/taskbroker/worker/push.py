"""Serves ``WorkerService``, for brokers that send their tasks."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from taskbroker._wire import messages, signatures
from taskbroker.counted import counted
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
HEALTH_SERVICE = "grpc.health.v1.Health"

#: Calls that may be under way, and threads that answer them; what is above is told that the worker
#: is busy. A call takes a moment, unless its caller is slow in saying what it wants.
MOST_CALLS = 64

#: Seconds between two looks of the loop at what was accepted, while something is each time. It
#: looks at once when there is no credit left.
GATHER = 0.002

#: Seconds that a call waits for a credit while tasks are short, and calls that may wait at once. A
#: refusal costs as much as a task that is taken, and so does the broker's next try.
PATIENCE, MOST_PATIENT = 0.005, MOST_CALLS // 4

#: Seconds in which the loop has to say whether the worker is ready.
LONGEST_LOOK = 5.0

_SERVING, _NOT_SERVING = b"\x08\x01", b"\x08\x02"

Pushed = tuple[messages.TaskActivation, Link]
"""A task, and the line to the broker that wants to hear of it."""


class PushServer:
    """Accepts a task while there is a credit for it, and answers busy otherwise: at once, or after
    :data:`PATIENCE` while ``ends_soon`` says that places are free again in a moment.

    Calls are answered in threads: gRPC's server for an event loop takes a third more of the
    processor for each. The threads have the credits beforehand, and leave what they accept to the
    loop, which takes several at once.

    Signatures are checked over the bytes as they came. The health service answers SERVING while
    ``is_ready`` says so, for the names "" and that of ``WorkerService``.
    """

    def __init__(
        self,
        links: Sequence[Link],
        credits: Credits,
        take: Callable[[Sequence[Pushed]], None],
        secrets: Sequence[str],
        is_ready: Callable[[], bool],
        ends_soon: Callable[[], bool],
        measures: Measures,
    ) -> None:
        self._links = {link.address: link for link in links}
        self._first = links[0]
        self._credits = credits
        self._take = take
        self._secrets = secrets
        self._is_ready = is_ready
        self._ends_soon = ends_soon
        self._measures = measures
        self._grpc = grpc_library()
        self._loop = asyncio.get_running_loop()
        self._server: Any = None
        self._answerers: _Answerers
        self._next_look: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()  # of what follows
        self._stopping = False
        self._granted = 0  # nobody waits while there are any
        self._is_patient = False
        self._patient: deque[_Patient] = deque()
        self._accepted: list[Pushed] = []
        self._is_awake = False
        self._refusals = Seldom()
        self.has_refused = False
        credits.on_room = self._grant

    async def start(self, listen: str, max_message_bytes: int, tls: Tls | None = None) -> int:
        """Serves at "host:port" and returns the port, which the system chooses if it is 0.
        Without ``tls`` in plain text.

        Raises ``OSError`` if the address cannot be had.
        """
        grpc = self._grpc
        self._answerers = _Answerers(MOST_CALLS)
        self._server = grpc.server(
            self._answerers,
            options=[
                ("grpc.max_receive_message_length", max_message_bytes),
                ("grpc.so_reuseport", 0),
            ],
            maximum_concurrent_rpcs=MOST_CALLS,
        )
        # Both see the bytes as they came. Names that gRPC knows beforehand cost it less a call.
        for service, method, answer in (
            (WORKER_SERVICE, "PushTask", self._push),
            (HEALTH_SERVICE, "Check", self._check),
        ):
            handler = grpc.unary_unary_rpc_method_handler(answer)
            self._server.add_registered_method_handlers(service, {method: handler})
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
        self._grant()
        self._server.start()
        return bound

    # ------------------------------------------------------------------ in the threads

    def _push(self, body: bytes, context: Any) -> bytes:
        status = self._grpc.StatusCode
        if not self._is_signed(body, context):
            self._measures.pushed("unauthenticated")
            self._complain(context)
            context.abort(
                status.UNAUTHENTICATED,
                "the signature is missing or wrong; give broker and worker the same secrets",
            )
        request = _parsed(body)
        if request is None:
            context.abort(status.INVALID_ARGUMENT, "the request holds no task")
            return b""
        link = self._links.get(request.callback_url, self._first)
        if not self._accept(request.task, link):
            if self._stopping:
                context.abort(status.UNAVAILABLE, "the worker stops")
            self._measures.pushed("busy")
            context.abort(status.RESOURCE_EXHAUSTED, "worker busy")
        self._measures.pushed("accepted")
        return b""

    def _accept(self, task: messages.TaskActivation, link: Link) -> bool:
        with self._lock:
            if self._granted:
                self._granted -= 1
                self._accepted.append((task, link))
                if not self._is_awake or not self._granted:
                    self._is_awake = True
                    self._loop.call_soon_threadsafe(self._hear)
                return True
            if not self._is_patient or len(self._patient) >= MOST_PATIENT:
                return False
            call = _Patient(task, link)
            self._patient.append(call)
        if not call.told.acquire(timeout=PATIENCE):
            self._leave(call)
        return call.is_accepted

    def _leave(self, call: _Patient) -> None:
        """It has waited in vain, unless it was told just now. None waits after it until there is
        news of the places."""
        with self._lock:
            if call in self._patient:
                self._patient.remove(call)
                self._is_patient = False

    def _is_signed(self, body: bytes, context: Any) -> bool:
        if not self._secrets:
            return True
        for name, found in context.invocation_metadata() or ():
            if name == signatures.HEADER:
                given = found if isinstance(found, str) else found.decode(errors="replace")
                return signatures.is_valid(self._secrets, PUSH_TASK, body, given)
        return False

    def _complain(self, context: Any) -> None:
        self.has_refused = True
        more = self._refusals.may_say("signature")
        if more is not None:
            LOG.error(
                "%s refused for a missing or wrong signature, the last from %s; %s",
                counted(more + 1, "pushed task was", "pushed tasks were"),
                context.peer(),
                SAME_SECRETS,
            )

    def _check(self, body: bytes, context: Any) -> bytes:
        name = body[2:].decode(errors="replace") if body[:1] == b"\x0a" else ""
        if name not in ("", WORKER_SERVICE):
            context.abort(self._grpc.StatusCode.NOT_FOUND, f"no service {name!r} is here")
        return _SERVING if self._loop_says_ready() else _NOT_SERVING

    def _loop_says_ready(self) -> bool:
        answer: Future[bool] = Future()
        try:
            self._loop.call_soon_threadsafe(self._look, answer)
            return answer.result(LONGEST_LOOK)
        except (RuntimeError, TimeoutError):  # the loop has ended, or stands still
            return False

    # ------------------------------------------------------------------ on the loop

    def _look(self, answer: Future[bool]) -> None:
        answer.set_result(self._is_ready() and not self._stopping)

    def _grant(self) -> None:
        told = []
        with self._lock:
            if self._stopping:
                return
            self._granted += self._credits.take_all()
            self._is_patient = self._ends_soon()
            while self._granted and self._patient:
                self._granted -= 1
                call = self._patient.popleft()
                call.is_accepted = True
                self._accepted.append((call.task, call.link))
                told.append(call)
            hear = bool(told) and not (self._is_awake and self._granted)
            self._is_awake |= hear
        for call in told:
            call.told.release()
        if hear:
            self._hear()

    def _hear(self) -> None:
        """Takes what was accepted. While tasks come fast it looks by itself, so that no thread has
        to wake it for each; the first after a pause does."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        with self._lock:
            accepted, self._accepted = self._accepted, []
            self._is_awake = bool(accepted)
        if accepted:
            self._next_look = self._loop.call_later(GATHER, self._hear)
            self._take(accepted)

    def stop_accepting(self) -> None:
        """Health is NOT_SERVING from now on, and tasks are refused."""
        with self._lock:
            self._stopping = True
            self._is_patient = False
            granted, self._granted = self._granted, 0
            told, self._patient = self._patient, deque()
        for call in told:
            call.told.release()
        self._hear()
        self._credits.give_back(granted)

    async def close(self) -> None:
        if self._server is not None:
            await asyncio.to_thread(self._server.stop(0.5).wait)
            self._answerers.shutdown(wait=False)


class _Patient:
    """A call that waits for a credit, and what it brings. It is told once by ``told``, whether it
    has one or not."""

    __slots__ = ("is_accepted", "link", "task", "told")

    def __init__(self, task: messages.TaskActivation, link: Link) -> None:
        self.task = task
        self.link = link
        self.is_accepted = False
        self.told = threading.Lock()
        self.told.acquire()


class _Call:
    """One call, from its arrival to its answer. ``lock`` is that of the answerers."""

    __slots__ = ("_is_over", "_lock", "_then")

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._is_over = False
        self._then: Callable[[Any], None] | None = None

    def add_done_callback(self, then: Callable[[Any], None]) -> None:
        with self._lock:
            if not self._is_over:
                self._then = then
                return
        then(self)

    def over(self) -> Callable[[Any], None] | None:
        """Called with the lock held; what it returns is to be called without."""
        self._is_over = True
        return self._then


class _Answerers(ThreadPoolExecutor):
    """As much of an executor as gRPC's server needs, at a fraction of its cost: nobody waits for
    what is submitted, so that there is nothing to wait for.

    There are as many threads as there have been calls at once: one waits in its thread until all
    of its message has come, and must not hold up others.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._most = most
        self._made = 0
        self._open = 0
        self._call_lock = threading.Lock()
        self._calls: queue.SimpleQueue[tuple[_Call, Callable[..., Any], Any] | None]
        self._calls = queue.SimpleQueue()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        call = _Call(self._call_lock)
        with self._call_lock:
            self._open += 1
            is_short = self._made < min(self._open, self._most)
            self._made += is_short
        if is_short:
            name = f"taskbroker-push-{self._made}"
            threading.Thread(target=self._answer, name=name, daemon=True).start()
        self._calls.put((call, fn, args))
        return call

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for _ in range(self._made):
            self._calls.put(None)
        super().shutdown(wait, cancel_futures=cancel_futures)

    def _answer(self) -> None:
        while (given := self._calls.get()) is not None:
            call, answer, args = given
            try:
                answer(*args)
            except Exception:
                LOG.exception("a call could not be answered")
            with self._call_lock:
                self._open -= 1
                then = call.over()
            if then is not None:
                then(call)
            del given, call, answer, args, then


def _parsed(body: bytes) -> messages.PushTaskRequest | None:
    try:
        request = messages.PushTaskRequest.FromString(body)
    except Exception:  # the type of protobuf's error depends on its version
        return None
    return request if request.HasField("task") else None
