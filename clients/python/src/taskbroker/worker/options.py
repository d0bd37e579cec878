"""What a worker may be told, and what it does when it is told nothing."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from taskbroker import durations
from taskbroker._wire import signatures
from taskbroker.durations import Duration
from taskbroker.errors import ConfigurationError
from taskbroker.metrics import MetricsBackend
from taskbroker.worker.tls import TlsFiles

Mode = Literal["pull", "push"]
PoolKind = Literal["auto", "processes", "threads", "async"]
StartMethod = Literal["fork", "spawn"]
LogFormat = Literal["text", "json"]

DEFAULT_BROKER = "127.0.0.1:50051"

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)i?B?", re.IGNORECASE)
_SCALE = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class WorkerOptions(TypedDict, total=False):
    """The options of :class:`~taskbroker.worker.Worker`; :class:`Options` says what each means."""

    brokers: str | Sequence[str] | None
    mode: Mode
    namespace: str | None
    pool: PoolKind
    concurrency: int | None
    prefetch: int
    start_method: StartMethod
    max_tasks: int | None
    max_rss: int | str | None
    max_age: Duration | None
    stop_timeout: Duration
    secrets: str | Sequence[str] | None
    tls_ca: str | None
    tls_certificate: str | None
    tls_key: str | None
    tls_client_ca: str | None
    max_wait: Duration
    listen: str
    max_message_bytes: int
    health_file: str | None
    health_interval: Duration
    http: str | int | None
    metrics: MetricsBackend | None
    statsd: str | None
    processing_pool: str
    log: LogFormat | None
    log_level: str


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a worker, checked.

    Raises :class:`ConfigurationError`, naming the option, for a value that cannot be.
    """

    brokers: str | Sequence[str] | None = None
    """Addresses "host:port", as a list or with commas. None: the app's, then the environment's
    ``TASKBROKER_BROKERS``, then 127.0.0.1:50051. Tasks are fetched from all of them at once."""
    mode: Mode = "pull"
    """"pull" fetches tasks; "push" serves ``WorkerService`` and lets the broker send them."""
    namespace: str | None = None
    """Fetch tasks of this namespace only. Pull only."""
    pool: PoolKind = "auto"
    """Where tasks run: "processes" (children of this process), "threads" (of this process),
    "async" (one event loop for coroutines; plain functions get threads), or "auto": coroutines on
    the event loop and plain functions in processes."""
    concurrency: int | None = None
    """Tasks at once in each pool. None: as many processes as there are CPUs, 16 threads, 100
    coroutines."""
    prefetch: int = 0
    """Tasks to hold beyond those that run. Each costs time of its deadline at the broker."""
    start_method: StartMethod = "fork"
    """How children are made: "fork" from a process that has imported the app and shares its memory
    with them, or "spawn", each a Python of its own that imports the app again."""
    max_tasks: int | None = None
    """A child is replaced after so many tasks."""
    max_rss: int | str | None = None
    """A child is replaced after the task that made its memory grow above this: bytes, or text such
    as "500M"."""
    max_age: Duration | None = None
    """A child is replaced when it is so old and its task has ended."""
    stop_timeout: Duration = 25
    """How long running tasks may take to finish after SIGTERM."""
    secrets: str | Sequence[str] | None = None
    """Secrets that calls are signed with, the first, and checked against, all: a list or the JSON
    of one. None: the app's, then the environment's ``TASKBROKER_SECRETS``."""
    tls_ca: str | None = None
    """Brokers are called over TLS, and their certificates must be signed by an authority in this
    PEM file; "system": by one that gRPC knows. None: calls are in plain text."""
    tls_certificate: str | None = None
    """A PEM file with the certificate that this worker shows to brokers, its own one first. A push
    worker serves over TLS with it. Renewed files are taken up within 10 seconds."""
    tls_key: str | None = None
    """A PEM file with the key of ``tls_certificate``, without a password."""
    tls_client_ca: str | None = None
    """Push only: brokers that send must show a certificate that is signed by an authority in this
    PEM file. None: they need to show none."""
    max_wait: Duration = 30
    """The longest time that a broker is asked to hold a call until a task is there."""
    listen: str = "[::]:50052"
    """Where a push worker serves."""
    max_message_bytes: int = 10 * 1024 * 1024
    """The largest task that is taken."""
    health_file: str | None = None
    """A file that is touched while the worker is alive."""
    health_interval: Duration = 1
    """Seconds between two touches."""
    http: str | int | None = None
    """Serves ``/live``, ``/ready`` and ``/metrics`` here: "host:port", or a port of 127.0.0.1."""
    metrics: MetricsBackend | None = None
    """Where the worker counts. None: the app's."""
    statsd: str | None = None
    """"host:port" of a DogStatsD server that is told all numbers, too."""
    processing_pool: str = "unknown"
    """The tag ``processing_pool`` of all numbers."""
    log: LogFormat | None = None
    """Sets up logging in this process and its children. None: that is left to the program."""
    log_level: str = "INFO"
    """The lowest level that ``log`` shows."""

    def __post_init__(self) -> None:
        _one_of("mode", self.mode, ("pull", "push"))
        _one_of("pool", self.pool, ("auto", "processes", "threads", "async"))
        _one_of("start_method", self.start_method, ("fork", "spawn"))
        _one_of("log", self.log, (None, "text", "json"))
        _at_least("concurrency", self.concurrency, 1)
        _at_least("prefetch", self.prefetch, 0)
        _at_least("max_tasks", self.max_tasks, 1)
        _at_least("max_message_bytes", self.max_message_bytes, 1)
        if self.mode == "push" and self.namespace is not None:
            raise ConfigurationError("a push worker is sent what the broker chooses; no namespace")
        self.rss_limit()
        self.secret_list()
        self.tls_files().check(self.mode)
        self.http_address()
        for address in self.broker_list() or ():
            address_of(address, "a broker's address")
        address_of(self.listen, "listen")
        for name in ("max_age", "stop_timeout", "max_wait", "health_interval"):
            value = getattr(self, name)
            if value is not None:
                durations.seconds(value, name)

    def with_defaults(self, brokers: str | Sequence[str] | None, secrets: str | None) -> Options:
        """Fills in what the app says, then what the environment says."""
        chosen = self.brokers or brokers or os.environ.get("TASKBROKER_BROKERS") or DEFAULT_BROKER
        signed = self.secrets or secrets or os.environ.get("TASKBROKER_SECRETS")
        return dataclasses.replace(self, brokers=chosen, secrets=signed)

    def broker_list(self) -> list[str]:
        """The addresses, each once, in the order given."""
        given = self.brokers or ()
        parts = given.split(",") if isinstance(given, str) else given
        return list(dict.fromkeys(p.strip() for p in parts if p.strip()))

    def secret_list(self) -> list[str]:
        """The secrets; none: calls are not signed."""
        if self.secrets is None or isinstance(self.secrets, str):
            return signatures.parse_secrets(self.secrets)
        if not all(self.secrets):
            raise ConfigurationError("a secret must not be empty")
        return list(self.secrets)

    def tls_files(self) -> TlsFiles:
        """The files of TLS."""
        return TlsFiles(self.tls_ca, self.tls_certificate, self.tls_key, self.tls_client_ca)

    def rss_limit(self) -> int | None:
        """``max_rss`` in bytes."""
        return None if self.max_rss is None else size_of(self.max_rss, "max_rss")

    def http_address(self) -> tuple[str, int] | None:
        """Where to serve HTTP; None: nowhere."""
        if self.http is None:
            return None
        text = str(self.http)
        return address_of(text if ":" in text else f"127.0.0.1:{text}", "http")

    def concurrency_of(self, kind: Literal["processes", "threads", "async"]) -> int:
        """How many tasks run at once in a pool of this kind."""
        if self.concurrency is not None:
            return self.concurrency
        return {"processes": os.cpu_count() or 1, "threads": 16, "async": 100}[kind]


def size_of(value: int | str, what: str) -> int:
    """Returns a number of bytes, given one or text such as "500M", "1.5G" or "64KiB"."""
    if isinstance(value, int) and value > 0:
        return value
    found = _SIZE.fullmatch(str(value).strip())
    if not found or float(found[1]) <= 0:
        raise ConfigurationError(f"{what} was {value!r}; give bytes, or text such as '500M'")
    return int(float(found[1]) * _SCALE[found[2].upper()])


def address_of(text: str, what: str) -> tuple[str, int]:
    """Splits "host:port"; the host may be an IPv6 address in brackets."""
    host, found, port = text.rpartition(":")
    if not found or not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ConfigurationError(f"{what} was {text!r}; give 'host:port'")
    return host.strip("[]"), int(port)


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        shown = ", ".join(repr(a) for a in allowed)
        raise ConfigurationError(f"{name} was {value!r}; it may be {shown}")


def _at_least(name: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise ConfigurationError(f"{name} must be at least {least}, was {value}")
