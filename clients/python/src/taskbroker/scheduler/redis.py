"""Last runs in Redis, in the keys and values of taskbroker-client: both may share one Redis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from taskbroker.errors import MissingExtra
from taskbroker.scheduler.store import RunStorageProtocol

PREFIX = "tw:scheduler:"


class RedisRunStorage(RunStorageProtocol):
    """A key for each entry: ``SET key now NX EX seconds``. ``redis`` may answer text or bytes.

    ``metrics`` may be anything; it is taken so that calls written for taskbroker-client go on.
    """

    def __init__(self, metrics: Any, redis: Any) -> None:
        self._metrics = metrics
        self._redis = redis

    def set(self, key: str, next_runtime: datetime) -> bool:
        now = datetime.now(UTC)
        seconds = max(int((next_runtime - now).total_seconds()), 1)
        return bool(self._redis.set(PREFIX + key, now.isoformat(), nx=True, ex=seconds))

    def read(self, key: str) -> datetime | None:
        return _instant(self._redis.get(PREFIX + key))

    def read_many(self, storage_keys: list[str]) -> Mapping[str, datetime | None]:
        """One GET for each key in one pipeline, as keys of a cluster lie on several nodes."""
        pipeline = self._redis.pipeline()
        for key in storage_keys:
            pipeline.get(PREFIX + key)
        return dict(zip(storage_keys, map(_instant, pipeline.execute()), strict=True))

    def delete(self, key: str) -> None:
        self._redis.delete(PREFIX + key)


def connect(url: str) -> RedisRunStorage:
    """Opens ``redis://…``; raises :class:`MissingExtra` without the library."""
    try:
        from redis import Redis
    except ImportError:
        raise MissingExtra("redis", "keeping last runs in Redis") from None
    return RedisRunStorage(None, Redis.from_url(url, decode_responses=True))


def _instant(value: str | bytes | None) -> datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(value.decode() if isinstance(value, bytes) else value)
