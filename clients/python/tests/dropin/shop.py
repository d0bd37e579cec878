"""An application for taskbroker-client. The tests replace that name in its imports, and no more."""

import asyncio
import os
import time
from datetime import timedelta

from arroyo.backends.kafka import KafkaProducer
from taskbroker_client.app import TaskbrokerApp
from taskbroker_client.constants import CompressionType
from taskbroker_client.retry import LastAction, NoRetriesRemainingError, Retry, retry_task
from taskbroker_client.state import current_task
from taskbroker_client.worker.workerchild import ProcessingDeadlineExceeded

FOLDER = os.environ["SHOP_DIR"]


def producer_factory(topic):
    return KafkaProducer({"bootstrap.servers": os.environ["KAFKA"]})


class Store:
    def add(self, key, value, timeout):
        try:
            os.close(os.open(f"{FOLDER}/{key.replace(':', '_')}", os.O_CREAT | os.O_EXCL))
            return True
        except FileExistsError:
            return False


class Hook:
    def on_dispatch(self, headers):
        headers["hooked"] = "yes"

    def on_execute(self, headers):
        from contextlib import nullcontext

        return nullcontext()


app = TaskbrokerApp(
    name="shop",
    producer_factory=producer_factory,
    at_most_once_store=Store(),
    context_hooks=[Hook()],
)
app.set_config({"at_most_once_timeout": 120})
app.set_modules(["shop"])
mail = app.create_namespace("mail", retry=Retry(times=3, on=(OSError,), delay=0))


def log(line):
    with open(f"{FOLDER}/ledger", "a") as f:
        f.write(line + "\n")


@mail.register(name="welcome")
def welcome(org_id: int, address: str) -> None:
    task = current_task()
    log(f"welcome {org_id} {address} {task.namespace} {task.taskname} {task.attempt}")


@mail.register(name="flaky")
def flaky() -> None:
    task = current_task()
    log(f"flaky attempt={task.attempt} remaining={task.retries_remaining}")
    raise OSError("no")


@mail.register(name="helper", retry=Retry(times=2, times_exceeded=LastAction.Deadletter))
def helper() -> None:
    try:
        retry_task()
    except NoRetriesRemainingError:
        log("helper has none left")
        raise


@mail.register(name="once", at_most_once=True)
def once() -> None:
    log("once")


@mail.register(name="heads", pass_headers=True, compression_type=CompressionType.ZSTD)
def heads(x: str, headers: dict[str, str]) -> None:
    log(f"heads {len(x)} {headers['reason']} {headers['hooked']} {headers['compression-type']}")


@mail.register(
    name="late",
    processing_deadline_duration=timedelta(seconds=1),
    retry=Retry(times=1, on=(ProcessingDeadlineExceeded,)),
)
def late() -> None:
    try:
        time.sleep(30)
    except ProcessingDeadlineExceeded:
        log("late was told")
        raise


@mail.register(name="slow", processing_deadline_duration=60, retry=None)
def slow(seconds: float) -> None:
    log("slow begins")
    time.sleep(seconds)
    log("slow ends")


@mail.register(name="awaits")
async def awaits(n: int) -> None:
    await asyncio.sleep(0)
    log(f"awaited {n}")


@mail.register(name="end")
def end() -> None:
    log("end")
