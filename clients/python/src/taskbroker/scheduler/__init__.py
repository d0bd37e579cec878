"""Tasks that run by the clock. One scheduler runs each occurrence, however many there are."""

from taskbroker.scheduler.kafka import KafkaStore
from taskbroker.scheduler.loop import Scheduler
from taskbroker.scheduler.redis import RedisRunStorage
from taskbroker.scheduler.runner import ScheduleConfig, ScheduleRunner, crontab
from taskbroker.scheduler.store import (
    MemoryStore,
    RunStorageProtocol,
    TableStore,
    VolatileRunStorage,
)
from taskbroker.schedules import Cron, Entry, Interval

RunStorage = RedisRunStorage
"""The name that older programs know it by."""

__all__ = [
    "Cron",
    "Entry",
    "Interval",
    "KafkaStore",
    "MemoryStore",
    "RedisRunStorage",
    "RunStorage",
    "RunStorageProtocol",
    "ScheduleConfig",
    "ScheduleRunner",
    "Scheduler",
    "TableStore",
    "VolatileRunStorage",
    "crontab",
]
