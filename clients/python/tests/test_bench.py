"""The benchmark's own parts, run briefly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    import bench

    yield bench
    for name in ("bench", "floor", "stage", "processes"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("is_stream", [True, False])
def test_cpu_of_a_task(bench: Any, is_stream: bool) -> None:
    assert 0 <= bench.cpu_of(bench.OURS, 400, "pull", is_stream=is_stream) < 100_000


def test_cpu_of_a_task_that_is_pushed_and_signed(bench: Any) -> None:
    assert 0 <= bench.cpu_of(bench.OURS, 400, "push", secrets='["one"]') < 100_000


def test_cpu_of_calls_that_do_nothing(bench: Any) -> None:
    assert 0 <= bench.floor.made(400) < 100_000
    assert 0 <= bench.floor.answered(400) < 100_000


def test_the_figures_end_with_a_line_each(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    table = bench.Table()
    table.add("stop, idle", "s", "≤ 0.3", peer=2.0, ours=0.5)
    table.show()
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["stop,", "idle", "2.0", "0.5", "4.0", "s", "≤", "0.3"]
    assert lines[2:] == ["clients.stop_idle.peer 2.000 s", "clients.stop_idle.ours 0.500 s"]
