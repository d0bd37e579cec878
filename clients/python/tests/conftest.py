"""What tests share."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_process import running_kafka


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the tasks of ``worker_app`` write what they do, here and in children."""
    import worker_app

    monkeypatch.setenv(worker_app.FOLDER, str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Kafka; skips the test if there is none."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A worker or command that runs in this process sends the log to where it is told."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
