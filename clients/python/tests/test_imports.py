"""What a program pays that only defines and calls tasks."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("grpc", "confluent_kafka", "asyncio", "multiprocessing", "cronsim", "redis", "argparse")

#: What is loaded by those who need it: together a third of what the model itself takes.
ON_DEMAND = (
    "concurrent.futures",
    "decimal",
    "difflib",
    "google.protobuf.timestamp_pb2",
    "logging",
    "random",
    "socket",
    "taskbroker.producer.confluent",
    "taskbroker.schedules",
    "uuid",
)


def loaded_by(statement: str) -> set[str]:
    program = (
        f"import sys\nbefore = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import site; site.main()\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_model_loads_neither_grpc_nor_kafka_nor_asyncio() -> None:
    loaded = loaded_by("import taskbroker\ntaskbroker.App('a').task('b')(lambda: None).call()")
    assert [name for name in (*HEAVY, *ON_DEMAND) if name in loaded] == []
    assert not any(name.startswith("taskbroker.worker") for name in loaded)


def test_the_scheduler_loads_no_grpc() -> None:
    assert "grpc" not in loaded_by("import taskbroker.scheduler")


def test_a_worker_loads_only_what_it_serves_and_the_pool_that_it_has() -> None:
    loaded = loaded_by("import taskbroker.worker.service")
    assert "taskbroker.worker.engine" in loaded
    others = (
        "ctypes",
        "email",
        "hashlib",  # without secrets nothing is signed
        "importlib.metadata",
        "pathlib",
        "taskbroker.worker.pools.threads",
    )
    assert [name for name in (*others, "taskbroker.worker.push") if name in loaded] == []


def test_the_process_that_children_are_copied_from_loads_what_they_need_alone() -> None:
    loaded = loaded_by("import taskbroker.worker.process")
    assert "taskbroker.worker.child" in loaded
    others = (
        "hashlib",
        "ssl",
        "subprocess",
        "taskbroker._wire.exchange",
        "taskbroker.worker.engine",
        "taskbroker.worker.options",
    )
    needed = {"logging", "socket"}
    unwanted = {*HEAVY, *ON_DEMAND, *others} - needed
    assert sorted(unwanted & loaded) == []
