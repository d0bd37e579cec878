"""The application of the tests that kill processes: on a real Kafka and a real broker."""

from __future__ import annotations

import os
import time

from taskbroker import App, Stopping
from worker_app import note

KAFKA, TOPIC = "KILL_APP_KAFKA", "KILL_APP_TOPIC"

app = App("killed", kafka=os.environ[KAFKA], topic=os.environ[TOPIC])


@app.task("kills.kept", deadline=2)
def kept(n: int) -> None:
    note("kept-began", f"{n} {os.getpid()}")
    time.sleep(0.05)
    note("kept", n)


@app.task("kills.once", deadline=2, at_most_once=True)
def once(n: int) -> None:
    note("once", n)
    time.sleep(0.02)


@app.task("kills.lasts", deadline=600)
def lasts(n: int) -> None:
    note("lasts-began", n)
    try:
        while True:
            time.sleep(0.01)
    except Stopping:
        note("lasts-cancelled", n)
        raise
