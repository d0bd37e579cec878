"""``taskworker scheduler``."""

from __future__ import annotations

import signal
import threading
from argparse import Namespace

from taskbroker.app import App
from taskbroker.errors import ConfigurationError
from taskbroker.scheduler import KafkaStore, MemoryStore, Scheduler, TableStore
from taskbroker.scheduler.redis import connect
from taskbroker.scheduler.store import RunStore
from taskbroker.worker import logs
from taskbroker.worker.loading import load


def run(given: Namespace) -> int:
    """Schedules until SIGTERM or SIGINT."""
    logs.set_up(given.log, given.log_level)
    app = load(given.app)
    if not app.schedules:
        raise ConfigurationError(f"the app {app.name} has no schedules; see App.every and App.cron")
    scheduler = Scheduler(app.schedules, store_of(given.store, app, given.kafka))
    scheduler.log_startup()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler.run(stop)
    app.flush()
    return 0


def store_of(store: str, app: App, kafka: str | None) -> RunStore:
    """The store that ``--store`` names."""
    if store == "memory":
        return MemoryStore()
    if store.startswith(("redis://", "rediss://", "unix://")):
        return TableStore(connect(store))
    if store == "kafka":
        servers = kafka or app.kafka_servers
        if not servers:
            raise ConfigurationError(
                "no Kafka is known; give --kafka host:9092, App(…, kafka=…), or another --store"
            )
        return KafkaStore(servers, app.name)
    raise ConfigurationError(f"--store was {store!r}; it may be kafka, memory or redis://…")
