"""The application that is measured, for both clients: the name in its imports is replaced."""

import os
import time

from taskbroker_client.app import TaskbrokerApp
from taskbroker_client.retry import Retry

DIED = ()
try:
    from taskbroker_client.errors import ChildDied

    DIED = (ChildDied,)
except ImportError:
    pass  # the other client has no word for it

app = TaskbrokerApp(name="bench", producer_factory=lambda topic: None)
app.set_config({"rpc_secret": os.environ.get("BENCH_SECRETS")})
app.set_modules(["tasks"])
bench = app.create_namespace("bench")


def note(line):
    with open(os.environ["BENCH_NOTES"], "a") as notes:
        notes.write(f"{time.time():.6f} {line}\n")


@bench.register(name="noop")
def noop():
    pass


if os.environ.get("BENCH_ASYNC"):

    async def anoop():
        pass

    bench._tasks.clear()
    bench.register(name="noop")(anoop)


@bench.register(name="mark")
def mark():
    note("mark")


@bench.register(name="sleep")
def sleep(seconds):
    note("begun")
    time.sleep(seconds)
    note("ended")


@bench.register(name="die", retry=Retry(times=3, on=DIED))
def die():
    note("died")
    os._exit(3)
