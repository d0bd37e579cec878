"""Sends tasks as applications do: produce.py TASK=COUNT…, in turns."""

import sys
import time

import proving_app as tasks


def send(task, label):
    match task:
        case "quick":
            tasks.quick.delay(label, *tasks.ARGUMENTS, named=tasks.ARGUMENTS)
        case "zipped":
            tasks.zipped.apply_async(
                args=[label, tasks.TEXT], headers={"tenant": tasks.TENANT}
            )
        case "delayed":
            tasks.delayed.apply_async(
                args=[label, time.time()], countdown=tasks.COUNTDOWN_SECONDS
            )
        case _:
            tasks.namespace.get(task).delay(label)


if __name__ == "__main__":
    counts = {task: int(count) for task, count in (word.split("=") for word in sys.argv[1:])}
    for number in range(max(counts.values())):
        for task, count in counts.items():
            if number < count:
                send(task, str(number))
    for producer in tasks.producers:
        producer.close().result()
