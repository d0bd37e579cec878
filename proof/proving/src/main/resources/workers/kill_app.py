"""The application whose processes are killed, by our client:

    kill_app.py work BROKER CHILDREN PREFETCH    works until SIGTERM
    kill_app.py produce PER_SECOND               sends until SIGTERM, then waits until Kafka has all

What a run writes is as in proving_app.py. The producer's last line says how many of each task it has sent.
"""

import os
import signal
import sys
import time

from taskbroker import App

RUNS = os.environ["PROVING_RUNS"]

app = App("killing", kafka=os.environ["PROVING_KAFKA"], topic=os.environ["PROVING_TOPIC"])
WORK_SECONDS = 0.02


def note(*words):
    with open(RUNS, "a") as runs:
        runs.write(" ".join(words) + "\n")


@app.task("kills.kept", deadline=3)
def kept(label: str) -> None:
    note("ran", "kept", label)
    time.sleep(WORK_SECONDS)
    note("done", "kept", label)


@app.task("kills.once", deadline=3, at_most_once=True)
def once(label: str) -> None:
    note("ran", "once", label)
    time.sleep(WORK_SECONDS)
    note("done", "once", label)


def work(broker, children, prefetch):
    from taskbroker.worker import Worker

    options = {"concurrency": int(children), "prefetch": int(prefetch), "log": "text"}
    return Worker("kill_app:app", brokers=broker, **options).run()


def produce(per_second):
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(True))
    sent = []
    number = 0
    while not told:
        sent += [kept.delay(str(number)), once.delay(str(number))]
        number += 1
        time.sleep(2 / float(per_second))
    for task in sent:
        task.delivered("120s")
    print("sent", number, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit({"work": work, "produce": produce}[sys.argv[1]](*sys.argv[2:]))
