"""``taskworker check``: says all at once what would go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import traceback
import typing
import uuid
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taskbroker._wire import messages, signatures
from taskbroker.app import App
from taskbroker.context import Context
from taskbroker.convert import objection
from taskbroker.errors import ArgumentsError, ConfigurationError, MissingExtra
from taskbroker.producer.trouble import Reasons
from taskbroker.registry import TaskNamespace
from taskbroker.task import Task
from taskbroker.worker.grpc_broker import GET_TASK, why_unreachable
from taskbroker.worker.loading import load
from taskbroker.worker.options import Options
from taskbroker.worker.say import SENDS_BY_ITSELF
from taskbroker.worker.tls import Tls

#: Seconds for each of Kafka and the brokers to answer.
PATIENCE_S = 3.0

_WAITS_TO_BE_ASKED = (
    "it waits for workers that ask; set its delivery_mode to push and name the worker's address"
    " (--listen) in its worker_map, or start the worker with 'taskworker run' and check without"
    " --push"
)


def run(given: Namespace) -> int:
    """Prints a line for each finding; 1 if there are any."""
    found = list(findings(given))
    for finding in found:
        print(finding)
    if not found:
        print(f"{given.app}: nothing to complain of")
    return 1 if found else 0


def findings(given: Namespace) -> Iterator[str]:
    """What is wrong, one sentence each."""
    doubles: list[str] = []
    try:
        with _collecting(doubles):
            app = load(given.app)
    except ConfigurationError as e:
        yield str(e)
        return
    except Exception as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        yield (
            f"{given.app} cannot be imported: {type(e).__name__}: {e}"
            f" ({where.filename}:{where.lineno})"
        )
        return
    yield from doubles
    yield from _tasks(app)
    yield from _schedules(app)
    yield from _secrets_and_brokers(app, given)
    yield from _kafka(app, given.kafka or app.kafka_servers)


@contextlib.contextmanager
def _collecting(doubles: list[str]) -> Iterator[None]:
    """A name that is taken is noted here, so that the import goes on to the next one."""
    original = TaskNamespace.add

    def add(namespace: TaskNamespace, task: Task[Any, Any]) -> Task[Any, Any]:
        try:
            return original(namespace, task)
        except ConfigurationError as e:
            code = inspect.unwrap(task.func).__code__
            doubles.append(f"{e} ({code.co_filename}:{code.co_firstlineno})")
            return task

    TaskNamespace.add = add  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        TaskNamespace.add = original  # type: ignore[method-assign]


def _tasks(app: App) -> Iterator[str]:
    tasks = [t for n in app.taskregistry.namespaces() for t in n.tasks()]
    if not tasks:
        yield f"the app {app.name} defines no task; were its modules imported?"
    for task in tasks:
        yield from _annotations(task)


def _annotations(task: Task[Any, Any]) -> Iterator[str]:
    try:
        hints = typing.get_type_hints(task.func)
    except Exception as e:
        yield f"task {task.fullname}: its annotations cannot be read: {e}"
        return
    for name in inspect.signature(task.func).parameters:
        hint = hints.get(name, Any)
        complaint = None if hint is Context else objection(hint)
        if complaint:
            yield f"task {task.fullname}: parameter {name} {complaint}"


def _schedules(app: App) -> Iterator[str]:
    seen = set()
    for entry in app.schedules:
        if entry.storage_key in seen:
            yield f"two schedules are called {entry.storage_key}; give one of them key=…"
        seen.add(entry.storage_key)
        try:
            entry.check()
        except (ConfigurationError, ArgumentsError, MissingExtra) as e:
            yield f"schedule {entry.key} of {entry.task.fullname}: {e}"


def _secrets_and_brokers(app: App, given: Namespace) -> Iterator[str]:
    try:
        options = Options(
            brokers=given.brokers,
            secrets=given.secrets,
            tls_ca=given.tls_ca,
            tls_certificate=given.tls_certificate,
            tls_key=given.tls_key,
        )
        full = options.with_defaults(app.brokers, app.secrets)
        secrets = full.secret_list()
        files = full.tls_files()
        tls = Tls(files) if files.calls_brokers else None
    except ConfigurationError as e:
        yield str(e)
        return
    try:
        import grpc
    except ImportError:
        yield "brokers were not asked: install taskbroker[worker]"
        return
    brokers = _Brokers(grpc, app.name, secrets, tls, calls_workers=given.push)
    for address in full.broker_list():
        complaint = brokers.complaint(address)
        if complaint:
            yield f"broker {address}: {complaint}"


@dataclass(frozen=True)
class _Brokers:
    """Asks brokers for a task, as a worker does. ``calls_workers``: they should refuse that."""

    grpc: Any
    application: str
    secrets: list[str]
    tls: Tls | None
    calls_workers: bool

    def complaint(self, address: str) -> str | None:
        grpc = self.grpc
        open_channel = (
            grpc.insecure_channel(address)
            if self.tls is None
            else grpc.secure_channel(address, self.tls.of_channel(grpc))
        )
        with open_channel as channel:
            try:
                grpc.channel_ready_future(channel).result(PATIENCE_S)
            except grpc.FutureTimeoutError:
                why = asyncio.run(why_unreachable(address, self.tls))
                return f"it cannot be reached within {PATIENCE_S:g} s: {why}"
            return self._asked(channel)

    def _asked(self, channel: Any) -> str | None:
        nobodys = f"taskworker-check-{uuid.uuid4()}"  # so that no task is handed out
        wish = messages.GetTaskRequest(application=self.application, namespace=nobodys)
        body = wish.SerializeToString()
        signed = [(signatures.HEADER, signatures.sign(s, GET_TASK, body)) for s in self.secrets[:1]]
        try:
            channel.unary_unary(GET_TASK)(body, timeout=PATIENCE_S, metadata=signed)
        except self.grpc.RpcError as e:
            return self._said(e.code().name, e.details())
        return None

    def _said(self, code: str, details: str) -> str | None:
        match code:
            case "NOT_FOUND":  # there is no such task
                return _WAITS_TO_BE_ASKED if self.calls_workers else None
            case "PERMISSION_DENIED":
                return None if self.calls_workers else f"{SENDS_BY_ITSELF} [{details}]"
            case "UNAUTHENTICATED" if self.secrets:
                return "it does not accept our secrets (its grpc_shared_secret)"
            case "UNAUTHENTICATED":
                return "it wants signed calls; give --secrets (its grpc_shared_secret)"
            case "UNIMPLEMENTED":
                return "something else answers there; it is no broker"
            case _:
                return f"it answers {code}: {details}"


def _kafka(app: App, servers: str | None) -> Iterator[str]:
    if not servers:
        if not app.has_own_transport:
            yield "no Kafka is known; give App(…, kafka='host:9092') or set TASKBROKER_KAFKA"
        return
    try:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient
    except ImportError:
        yield "Kafka was not asked: install taskbroker[kafka]"
        return
    heard = Reasons()
    settings = {
        "bootstrap.servers": servers,
        **heard.settings(PATIENCE_S / 2),
        "socket.connection.setup.timeout.ms": max(1000, int(PATIENCE_S * 500)),  # no less may be
    }
    admin = AdminClient(settings)
    try:
        known = admin.list_topics(timeout=PATIENCE_S).topics
    except KafkaException as e:
        admin.poll(0)  # says why
        yield (
            f"Kafka at {servers} does not answer within {PATIENCE_S:g} s:"
            f" {heard.reason or e.args[0].str()}; is it running, and is the address right (--kafka,"
            " kafka=… of the App, or TASKBROKER_KAFKA)?"
        )
        return
    for topic in sorted({n.topic for n in app.taskregistry.namespaces()}):
        if topic not in known:
            yield f"Kafka at {servers} has no topic {topic!r}; make it, or let the broker make it"
