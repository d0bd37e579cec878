"""A real Kafka for tests: one that is named, or the one of this repository's own programs."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from built import built, free_port

PATIENCE_S = 120


@contextmanager
def running_kafka(folder: Path) -> Iterator[str]:
    """Yields the address of a Kafka.

    It is TASKBROKER_TEST_KAFKA, or one that is started from what ``./taskbroker test`` has built.
    Skips the test if there is neither.
    """
    given = os.environ.get("TASKBROKER_TEST_KAFKA")
    if given:
        yield given
        return
    programs = built("needs a Kafka: set TASKBROKER_TEST_KAFKA, or ")
    port = free_port()
    log = folder / "kafka.log"
    command = [programs.java, "-Xmx512m", "-cp", programs.classpath_of_kafka]
    command += ["io.taskbroker.workload.kafka.KafkaMain", str(folder / "kafka"), str(port)]
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        process = subprocess.Popen(
            [*map(str, command), str(free_port())],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            await_ready(process, log)
            yield f"127.0.0.1:{port}"
        finally:
            assert process.stdin is not None
            process.stdin.close()  # its sign to stop
            process.wait(PATIENCE_S)


def await_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while b"kafka is ready" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"Kafka has not started:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
