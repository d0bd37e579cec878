"""The programs of this repository that tests run: a Kafka and the broker, once they are built."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import pytest

from vectors import REPOSITORY


@dataclass(frozen=True)
class Built:
    """What the commands of ``./taskbroker`` build first. ``java`` is the command of a JDK 25."""

    java: Path
    folder: Path

    @property
    def broker(self) -> Path:
        return self.folder / "taskbroker.jar"

    @property
    def classpath_of_kafka(self) -> str:
        return (self.folder / "workload.classpath").read_text().strip()


def built(instead: str = "") -> Built:
    """Finds the programs; skips the test if they are not there. ``instead`` says what else does."""
    programs = REPOSITORY / ".programs"
    java = Path(os.environ.get("JAVA_HOME", ""), "bin", "java")
    if "JAVA_HOME" not in os.environ or not (programs / "current").exists() or not java.exists():
        pytest.skip(
            f"{instead}build with ./taskbroker version and set JAVA_HOME to a JDK 25 to run this"
        )
    return Built(java, programs / (programs / "current").read_text().strip())


def free_port() -> int:
    """A port of loopback that nobody listens at now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
