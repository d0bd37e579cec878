"""What a program is told at its end of tasks that Kafka has not acknowledged."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("confluent_kafka")

PROGRAM = """
import logging
from taskbroker import App
from taskbroker.producer import confluent
logging.basicConfig(format="%(message)s")
logging.getLogger("taskbroker").propagate = True
confluent.FLUSH_AT_EXIT = 0.5
app = App("shop", kafka="127.0.0.1:1")
task = app.task("a")(lambda: None)
print(task.delay())
"""


def test_a_script_names_what_was_not_acknowledged_when_it_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("Sent(id=")
    assert (
        "1 tasks for topic taskworker were not acknowledged by Kafka at 127.0.0.1:1 within 0.5 s"
        in done.stderr
    )
