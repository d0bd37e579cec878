"""Where a worker and a producer count what they do."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from taskbroker.errors import ConfigurationError

Tags = Mapping[str, str | int | float | bool]


@runtime_checkable
class MetricsBackend(Protocol):
    """Takes numbers. Called from several threads at once; must neither block nor raise.

    Durations are in seconds. ``sample_rate`` is the share of calls that are to be counted.
    """

    def gauge(
        self,
        name: str,
        value: int | float,
        instance: str | None = None,
        tags: Tags | None = None,
        sample_rate: float | None = None,
        unit: str | None = None,
    ) -> None:
        """Tells the value of something now."""
        ...

    def incr(
        self,
        name: str,
        value: int | float = 1,
        tags: Tags | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds to a counter."""
        ...

    def distribution(
        self,
        name: str,
        value: int | float,
        tags: Tags | None = None,
        unit: str | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds one value to a distribution."""
        ...

    def timer(
        self, key: str, tags: Tags | None = None, sample_rate: float | None = None
    ) -> contextlib.AbstractContextManager[None]:
        """Adds the seconds that the block took to a distribution."""
        ...

    def track_memory_usage(
        self, key: str, tags: Tags | None = None
    ) -> contextlib.AbstractContextManager[None]:
        """Adds the bytes by which the block has raised this process's peak memory."""
        ...


class NoOpMetricsBackend:
    """Counts nothing; what other backends may begin from."""

    def gauge(
        self,
        name: str,
        value: int | float,
        instance: str | None = None,
        tags: Tags | None = None,
        sample_rate: float | None = None,
        unit: str | None = None,
    ) -> None:
        """Tells the value of something now."""

    def incr(
        self,
        name: str,
        value: int | float = 1,
        tags: Tags | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds to a counter."""

    def distribution(
        self,
        name: str,
        value: int | float,
        tags: Tags | None = None,
        unit: str | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds one value to a distribution."""

    @contextlib.contextmanager
    def timer(
        self, key: str, tags: Tags | None = None, sample_rate: float | None = None
    ) -> Generator[None]:
        """Adds the seconds that the block took to a distribution."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.distribution(key, time.perf_counter() - began, tags, "second", sample_rate)

    @contextlib.contextmanager
    def track_memory_usage(self, key: str, tags: Tags | None = None) -> Generator[None]:
        """Adds the bytes by which the block has raised this process's peak memory."""
        before = peak_memory()
        try:
            yield
        finally:
            self.distribution(key, peak_memory() - before, tags, "byte")


class StatsdMetrics(NoOpMetricsBackend):
    """Datagrams in DogStatsD's format to ``address``, "host:port". A lost datagram is not noticed.

    ``tags`` are added to those of each call, which win.
    """

    def __init__(
        self, address: str = "127.0.0.1:8125", *, tags: Tags | None = None, sample_rate: float = 1.0
    ) -> None:
        host, found, port = address.rpartition(":")
        if not found or not port.isdigit():
            raise ConfigurationError(f"statsd's address is 'host:port', was {address!r}")
        self._to = (host.strip("[]"), int(port))
        import socket  # here and below: programs without such metrics need not load them

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._tags = dict(tags or {})
        self._rate = sample_rate

    def gauge(
        self,
        name: str,
        value: int | float,
        instance: str | None = None,
        tags: Tags | None = None,
        sample_rate: float | None = None,
        unit: str | None = None,
    ) -> None:
        self._send(name, value, "g", tags, sample_rate)

    def incr(
        self,
        name: str,
        value: int | float = 1,
        tags: Tags | None = None,
        sample_rate: float | None = None,
    ) -> None:
        self._send(name, value, "c", tags, sample_rate)

    def distribution(
        self,
        name: str,
        value: int | float,
        tags: Tags | None = None,
        unit: str | None = None,
        sample_rate: float | None = None,
    ) -> None:
        self._send(name, value, "d", tags, sample_rate)

    def _send(
        self, name: str, value: int | float, kind: str, tags: Tags | None, rate: float | None
    ) -> None:
        share = self._rate if rate is None else rate
        self.send_line(name, value, kind, {**self._tags, **(tags or {})}, share)

    def send_line(self, name: str, value: int | float, kind: str, tags: Tags, share: float) -> None:
        """Sends one number, or by chance not if only a share of them is to be sent."""
        if share < 1:
            from random import random

            if random() >= share:
                return
        line = f"{name}:{value}|{kind}"
        if share < 1:
            line += f"|@{share}"
        if tags:
            line += "|#" + ",".join(f"{k}:{v}" for k, v in tags.items())
        with contextlib.suppress(OSError):
            self._socket.sendto(line.encode(), self._to)


class SeveralMetrics(NoOpMetricsBackend):
    """Hands each number to several backends."""

    def __init__(self, backends: Sequence[MetricsBackend]) -> None:
        self._backends = tuple(backends)

    def gauge(
        self,
        name: str,
        value: int | float,
        instance: str | None = None,
        tags: Tags | None = None,
        sample_rate: float | None = None,
        unit: str | None = None,
    ) -> None:
        for backend in self._backends:
            backend.gauge(
                name, value, instance=instance, tags=tags, sample_rate=sample_rate, unit=unit
            )

    def incr(
        self,
        name: str,
        value: int | float = 1,
        tags: Tags | None = None,
        sample_rate: float | None = None,
    ) -> None:
        for backend in self._backends:
            backend.incr(name, value, tags, sample_rate)

    def distribution(
        self,
        name: str,
        value: int | float,
        tags: Tags | None = None,
        unit: str | None = None,
        sample_rate: float | None = None,
    ) -> None:
        for backend in self._backends:
            backend.distribution(name, value, tags, unit, sample_rate)


class DatadogMetrics(StatsdMetrics):
    """Numbers to a Datadog agent, tagged with the application and the processing pool.

    ``statsd_host`` and ``statsd_port`` are where the agent listens, 127.0.0.1:8125 by default.
    With ``enable_prefixed_metrics`` each number is sent a second time, as "application.name"
    without the tag ``application``. ``client`` may be a DogStatsd of the library datadog.
    """

    def __init__(
        self,
        application: str,
        processing_pool: str | None = None,
        statsd_host: str | None = None,
        statsd_port: str | int | None = None,
        sample_rate: float = 1.0,
        enable_prefixed_metrics: bool = False,
        client: Any = None,
    ) -> None:
        host = statsd_host or "127.0.0.1"
        tags = {"application": application, "processing_pool": processing_pool or "unknown"}
        super().__init__(f"{host}:{statsd_port or 8125}", tags=tags, sample_rate=sample_rate)
        self._application = application
        self._is_prefixed = enable_prefixed_metrics
        self._client = client

    def _send(
        self, name: str, value: int | float, kind: str, tags: Tags | None, rate: float | None
    ) -> None:
        all_tags = {**self._tags, **(tags or {})}
        self._send_one(name, value, kind, all_tags, rate)
        if self._is_prefixed:
            all_tags.pop("application", None)
            self._send_one(f"{self._application}.{name}", value, kind, all_tags, rate)

    def _send_one(
        self, name: str, value: int | float, kind: str, tags: dict[str, Any], rate: float | None
    ) -> None:
        share = self._rate if rate is None else rate
        if self._client is None:
            self.send_line(name, value, kind, tags, share)
            return
        send = {"g": "gauge", "c": "increment", "d": "distribution"}[kind]
        shown = [f"{k}:{v}" for k, v in tags.items()]
        getattr(self._client, send)(name, value, tags=shown, sample_rate=share)


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    import resource  # not on every platform

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
