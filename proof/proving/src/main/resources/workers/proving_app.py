"""The application that producer and workers share: one task for each fate.

Each run of a task is written to the file PROVING_RUNS, a line for each event:

    ran TASK LABEL          it has begun
    done TASK LABEL         it has come to its end
    wrong TASK LABEL WHY    it was not given what was sent, or not when it was due

The topic and the Kafka that tasks are sent to, and the workers' secret, come from the environment, too.
"""

import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

from arroyo.backends.kafka import KafkaProducer
from taskbroker_client.app import TaskbrokerApp
from taskbroker_client.constants import CompressionType
from taskbroker_client.retry import LastAction, Retry, RetryTaskError
from taskbroker_client.state import current_task

RUNS = os.environ["PROVING_RUNS"]
TOPIC = os.environ["PROVING_TOPIC"]

# Of every type that the client packs.
ARGUMENTS = [7, -1.5, None, True, b"\x00\xff", "gr\u00fc\u00dfe", [1, {"a": ["b"]}], 2**64 - 1]
TEXT = "many words " * 20_000
TENANT = "acme"
COUNTDOWN_SECONDS = 2
RETRY_DELAY_SECONDS = 1

producers = []


class OneTopic:
    """Routes every namespace to the scenario's topic."""

    def route_namespace(self, name):
        return TOPIC


def producer(topic):
    made = KafkaProducer({"bootstrap.servers": os.environ["PROVING_KAFKA"]})
    producers.append(made)
    return made


# Without a store of what has run at most once: the broker alone has to see to that here.
app = TaskbrokerApp(name="proving", producer_factory=producer, router_class=OneTopic())
app.set_config({"rpc_secret": os.environ.get("PROVING_SECRET")})
app.set_modules(["proving_app"])
namespace = app.create_namespace("python")


def note(*words):
    """One line; short appends of several processes do not mix."""
    with open(RUNS, "a") as runs:
        runs.write(" ".join(words) + "\n")


@contextmanager
def run(task, label):
    note("ran", task, label)
    yield
    note("done", task, label)


def mark(task, label):
    """A file that the runs of one task share."""
    return Path(f"{RUNS}.{task}.{label}")


def end_at_once():
    time.sleep(0.5)  # for what the process has still to hand to its parent
    os.kill(os.getpid(), signal.SIGKILL)


@namespace.register(name="quick")
def quick(label, *arguments, named):
    with run("quick", label):
        if list(arguments) != ARGUMENTS or named != ARGUMENTS:
            note("wrong", "quick", label, f"was given {arguments} and {named}")


@namespace.register(name="zipped", compression_type=CompressionType.ZSTD, pass_headers=True)
def zipped(label, text, headers):
    with run("zipped", label):
        if text != TEXT:
            note("wrong", "zipped", label, f"was given {len(text)} characters")
        if headers["tenant"] != TENANT or headers["compression-type"] != "zstd":
            note("wrong", "zipped", label, f"was given headers {headers}")


@namespace.register(name="delayed")
def delayed(label, sent_at):
    with run("delayed", label):
        waited = time.time() - sent_at
        if waited < COUNTDOWN_SECONDS - 0.01:
            note("wrong", "delayed", label, f"ran after {waited} s")


@namespace.register(name="expired", expires=1)
def expired(label):
    with run("expired", label):
        pass


@namespace.register(name="retried", retry=Retry(times=3, delay=RETRY_DELAY_SECONDS))
def retried(label):
    with run("retried", label):
        last = mark("retried", label)
        if last.exists() and time.time() - last.stat().st_mtime < RETRY_DELAY_SECONDS:
            note("wrong", "retried", label, "ran again too early")
        last.touch()
        if current_task().attempt < 2:
            raise RetryTaskError("wanted again")


@namespace.register(name="exhausted", retry=Retry(times=2, times_exceeded=LastAction.Deadletter))
def exhausted(label):
    with run("exhausted", label):
        raise RetryTaskError("wanted again, however often")


@namespace.register(name="failed", retry=Retry(times=3, times_exceeded=LastAction.Deadletter))
def failed(label):
    with run("failed", label):
        raise ValueError("meant to fail")


@namespace.register(name="discarded")
def discarded(label):
    with run("discarded", label):
        raise ValueError("meant to fail")


@namespace.register(
    name="late",
    processing_deadline_duration=1,
    retry=Retry(times=1, times_exceeded=LastAction.Deadletter),
)
def late(label):
    with run("late", label):
        time.sleep(30)


@namespace.register(name="killed", processing_deadline_duration=1)
def killed(label):
    with run("killed", label):
        try:
            mark("killed", label).touch(exist_ok=False)
        except FileExistsError:
            return
        end_at_once()


@namespace.register(name="once", at_most_once=True)
def once(label):
    with run("once", label):
        pass


@namespace.register(name="once_killed", at_most_once=True, processing_deadline_duration=1)
def once_killed(label):
    """Deaf to the worker's alarm, as native code is; its process dies when the broker has given it up."""
    with run("once_killed", label):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(6)
        end_at_once()


@namespace.register(name="restarted", processing_deadline_duration=3)
def restarted(label):
    with run("restarted", label):
        time.sleep(0.02)


@namespace.register(name="restarted_once", at_most_once=True, processing_deadline_duration=3)
def restarted_once(label):
    with run("restarted_once", label):
        time.sleep(0.02)


def end_with(parent):
    """A worker that is killed has no time to end its processes, so they see to that themselves."""
    wait([parent.sentinel])
    os._exit(1)


if multiprocessing.parent_process() is not None:
    threading.Thread(target=end_with, args=[multiprocessing.parent_process()], daemon=True).start()
