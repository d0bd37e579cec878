"""The application that the worker's tests run, in this process and in children that import it."""

from __future__ import annotations

import asyncio
import collections
import itertools
import os
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from taskbroker import (
    DEADLETTER,
    App,
    ChildDied,
    Context,
    DeadlineExceeded,
    Fail,
    Retry,
    Snooze,
    current_task,
)
from taskbroker.testing import InMemoryBroker

#: Tasks write what they do into this folder, one file for each of them.
FOLDER = "WORKER_APP_FOLDER"


def note(name: str, text: Any) -> None:
    with Path(os.environ[FOLDER], name).open("a") as file:
        file.write(f"{text}\n")


def notes(name: str) -> list[str]:
    file = Path(os.environ[FOLDER], name)
    return file.read_text().splitlines() if file.exists() else []


class FileStore:
    """Remembers keys as files."""

    def add(self, key: str, value: str, timeout: int) -> bool:
        try:
            Path(os.environ[FOLDER], key.replace(":", "_")).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


app = App("works", transport=InMemoryBroker(), at_most_once_store=FileStore())


@app.task("mail.welcome", deadline=60)
def welcome(n: int) -> None:
    note("welcome", f"{n} {os.getpid()}")


@app.task("mail.nothing", deadline=60)
def nothing(n: int) -> None:
    """Takes no time."""


@app.task("mail.slow", deadline=60)
def slow(ctx: Context, seconds: float, name: str = "slow") -> None:
    note(f"{name}-began", os.getpid())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.01)
    note(name, "cancelled" if ctx.cancelled else "done")


@app.task("mail.held", deadline=600)
def held(ctx: Context, name: str = "held") -> None:
    """Ends when the test says so, by :func:`release`, or when it is told that the worker stops."""
    note(f"{name}-began", os.getpid())
    while not ctx.cancelled and not notes("release"):
        time.sleep(0.01)
    note(name, "cancelled" if ctx.cancelled else "done")


@app.task("mail.stubborn_until_released", deadline=600)
def stubborn_until_released(ctx: Context) -> None:
    """Ends when the test says so and no sooner, unless it is interrupted."""
    note("stubborn-began", os.getpid())
    while not notes("release"):
        time.sleep(0.01)
    note("stubborn", "cancelled" if ctx.cancelled else "done")


def release() -> None:
    """Lets all tasks that are held end."""
    note("release", "")


@app.task("mail.stubborn", deadline=60)
def stubborn(seconds: float) -> None:
    note("stubborn-began", os.getpid())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            time.sleep(0.01)
        except BaseException as e:
            note("stubborn", f"{type(e).__name__}: {e}")


@app.task("mail.fails", retry=Retry(3, on=(OSError,), delay=0), then=DEADLETTER)
def fails() -> None:
    state = current_task()
    assert state is not None
    note("fails", state.attempt)
    raise OSError("no")


@app.task("mail.gives_up", then=DEADLETTER)
def gives_up() -> None:
    raise Fail("never")


@app.task("mail.snoozes")
def snoozes() -> None:
    note("snoozes", "")
    if len(notes("snoozes")) < 3:
        raise Snooze(0)


@app.task("mail.dies", deadline=60)
def dies(code: int, times: int = 1) -> None:
    note("dies", os.getpid())
    if len(notes("dies")) <= times:
        os._exit(code)


@app.task("mail.dies_for_good", retry=Retry(2, ignore=(ChildDied,)), then=DEADLETTER)
def dies_for_good() -> None:
    note("dies_for_good", os.getpid())
    os._exit(1)


@app.task("mail.dies_once", at_most_once=True)
def dies_once() -> None:
    note("dies_once", os.getpid())
    os._exit(1)


@app.task("mail.exits")
def exits() -> None:
    note("exits", os.getpid())
    if len(notes("exits")) == 1:
        sys.exit(4)


@app.task("mail.late", deadline=1, then=DEADLETTER)
def late() -> None:
    try:
        time.sleep(30)
    finally:
        note("late", "cleaned up")


@app.task("mail.late_again", deadline=3, retry=Retry(2, on=(DeadlineExceeded,), delay=0))
def late_again() -> None:
    note("late_again", os.getpid())
    if len(notes("late_again")) == 1:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            time.sleep(0.01)


@app.task("mail.native", deadline=1, then=DEADLETTER)
def native() -> None:
    """Loops in C, where no exception can be raised."""
    note("native", os.getpid())
    collections.deque(itertools.repeat(None), maxlen=0)


@app.task("mail.once", at_most_once=True)
def once() -> None:
    note("once", os.getpid())


@app.task("mail.eats")
def eats(megabytes: int) -> None:
    note("eats", os.getpid())
    bytearray(megabytes * 1024 * 1024)


@app.task("mail.coroutine", deadline=60)
async def coroutine(n: int, seconds: float = 0) -> None:
    await asyncio.sleep(seconds)
    note("coroutine", f"{n} {os.getpid()}")


@app.task("mail.late_coroutine", deadline=1, then=DEADLETTER)
async def late_coroutine() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        note("late_coroutine", "cleaned up")


@app.task("mail.forks_and_dies", deadline=60)
def forks_and_dies() -> None:
    note("forks_and_dies", os.getpid())
    if len(notes("forks_and_dies")) == 1:
        if os.fork() == 0:
            time.sleep(50)
            os._exit(0)
        os._exit(3)


@app.task("mail.tenth", deadline=60)
def tenth(n: int) -> None:
    time.sleep(0.005)
    note("tenth", f"{n} {os.getpid()}")


@app.task("mail.once_slow", at_most_once=True, deadline=60)
def once_slow(n: int) -> None:
    note("once_slow", f"{n} {os.getpid()}")
    time.sleep(0.02)


@app.task("other.task")
def other_namespace() -> None:
    note("other_namespace", "")


@app.task("mail.large")
def large(data: bytes) -> None:
    note("large", len(data))


@app.task("mail.sleeps_in_native_code", deadline=1, then=DEADLETTER)
def sleeps_in_native_code(seconds: float) -> None:
    time.sleep(seconds)  # in a thread nothing ends it before its time


@app.task("mail.waits", deadline=4, retry=Retry(2, on=(OSError,), delay=0), then=DEADLETTER)
def waits(ctx: Context, how: str) -> None:
    note("waits", f"{how} {ctx.attempt}")
    future: Future[None] = Future()
    ctx.finish_when(future)
    if how == "ok" or ctx.attempt == 2:
        threading.Timer(0.1, future.set_result, [None]).start()
    elif how == "fails":
        threading.Timer(0.1, future.set_exception, [ValueError("not delivered")]).start()


coroutines = App("coroutines", transport=InMemoryBroker())


@coroutines.task("alone")
async def alone() -> None:
    await asyncio.sleep(0)


@app.task("mail.late_in_bytecode", deadline=1, then=DEADLETTER)
def late_in_bytecode() -> None:
    until = time.monotonic() + 30
    try:
        while time.monotonic() < until:
            time.sleep(0.01)
    finally:
        note("late_in_bytecode", "cleaned up")
