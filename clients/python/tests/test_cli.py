"""The command ``taskworker``, as users call it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskbroker.cli import main
from taskbroker.cli.options import COMMANDS
from taskbroker.worker.options import Options, WorkerOptions
from vectors import cases

SHOP = """
from taskbroker import App

app = App("{name}", brokers="127.0.0.1:1")


@app.task("mail.welcome", deadline="20s")
def welcome(org_id: int, address: str) -> None:
    print("hello", org_id, address, flush=True)


@app.task("bill", at_most_once=True, expires=60)
async def bill() -> None: ...


app.cron("0 6 * * *", welcome, args=(7, "a@b.c"))
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module of its own in the folder that commands run in; yields the app's name for them."""
    name = f"shop_{time.monotonic_ns()}"
    (tmp_path / f"{name}.py").write_text(SHOP.format(name=name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("TASKBROKER_KAFKA", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield f"{name}:app"
    sys.modules.pop(name, None)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    return out + err


# ---------------------------------------------------------------------- words


def test_help_loads_neither_grpc_nor_kafka_nor_asyncio() -> None:
    program = (
        "import sys\nfrom taskbroker.cli import main\n"
        "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
        "print('LOADED', *sorted(sys.modules.keys() & {'grpc', 'confluent_kafka', 'asyncio',"
        " 'multiprocessing', 'cronsim', 'google.protobuf', 'msgpack'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "--max-rss" in done.stdout
    # The package itself needs protobuf and msgpack.
    assert done.stdout.splitlines()[-1] == "LOADED google.protobuf msgpack"


def test_each_option_of_the_worker_is_on_the_command_line() -> None:
    words = {o.attribute for c in COMMANDS if c.name in ("run", "push") for o in c.options}
    assert set(WorkerOptions.__annotations__) - words == {"mode", "metrics"}


def test_the_command_line_says_the_worker_what_it_does_by_itself() -> None:
    defaults = {o.attribute: o.default for c in COMMANDS[:2] for o in c.options}
    for name in ("pool", "start_method", "listen", "processing_pool", "log_level"):
        assert defaults[name] == getattr(Options(), name)
    assert defaults["max_message_bytes"] == str(Options().max_message_bytes)
    assert defaults["prefetch"] == str(Options().prefetch)


def test_the_environment_says_what_the_command_line_does_not(
    shop: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASKBROKER_APP", shop)
    assert main(["tasks"]) == 0
    assert "mail:welcome" in printed(capsys)


@pytest.mark.parametrize("words", [[], ["what"], ["run"], ["run", "a", "--pool", "x"]])
def test_a_wrong_command_line_ends_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


def test_an_app_that_is_not_there_is_told_in_one_line(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = shop.partition(":")[0]
    assert main(["tasks", "nothing_here:app"]) == 1
    assert "taskworker tasks: there is no module 'nothing_here'" in printed(capsys)
    assert main(["tasks", f"{module}:application"]) == 1
    assert "has no app named 'application'; it has 'app'" in printed(capsys)


# ---------------------------------------------------------------------- looking


def test_tasks(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", shop]) == 0
    lines = printed(capsys).splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["TASK", "TOPIC", "TRIES", "DEADLINE", "EXPIRES", "KIND"],
        ["mail:welcome", "taskworker", "1", "20", "s", "-", "-"],
        ["default:bill", "taskworker", "1", "10", "s", "60", "async,", "at", "most", "once"],
    ]
    assert lines[3] == "mail:welcome by cron '0 6 * * *' in UTC, as welcome"


@pytest.mark.parametrize("case", cases("activation.json"))
def test_decode(
    case: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record"
    file.write_bytes(bytes.fromhex(str(case["bytes_hex"])))
    code = main(["decode", str(file)])
    text = printed(capsys)
    if "error" in case:
        assert code == 1
        assert "is no task" in text
        return
    shown = json.loads(text)
    given = case["given"]
    assert isinstance(given, dict)
    for name in ("id", "namespace", "taskname", "expires", "delay"):
        assert shown.get(name) == given.get(name)
    assert shown["headers"] == dict(given.get("headers", []))


CHECKED = """
from taskbroker import App
import socket

app = App("checked", kafka="127.0.0.1:1", brokers="127.0.0.1:1")


@app.task("mail.welcome")
def welcome(org_id: int, connection: socket.socket) -> None: ...


@app.task("mail.welcome")
def again() -> None: ...


app.cron("0 25 * * *", again)
"""


def test_check_says_all_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "checked.py").write_text(CHECKED)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("taskbroker.cli.check.PATIENCE_S", 0.3)
    assert main(["check", "checked:app"]) == 1
    lines = printed(capsys).splitlines()
    expected = [
        rf"task mail:welcome is registered already \({tmp_path}/checked.py:12\)",
        r"task mail:welcome: parameter connection is annotated with socket, whose values cannot",
        r"schedule welcome of mail:welcome: the cron expression '0 25 \* \* \*'",
        r"broker 127.0.0.1:1: it cannot be reached within 0.3 s: nothing listens there",
        r"Kafka at 127.0.0.1:1 does not answer within 0.3 s",
    ]
    assert len(lines) == len(expected), lines
    for line, pattern in zip(lines, expected, strict=True):
        assert re.match(pattern, line), line


def test_check_names_the_line_on_which_an_import_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.py").write_text("x = 1\nx.nothing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["check", "broken:app"]) == 1
    assert f"AttributeError: 'int' object has no attribute 'nothing' ({tmp_path}/broken.py:2)" in (
        printed(capsys)
    )


# ---------------------------------------------------------------------- probes


def test_health_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "alive"
    assert main(["health", str(file)]) == 1
    assert "No such file" in printed(capsys)
    file.touch()
    assert main(["health", str(file)]) == 0
    old = time.time() - 60
    os.utime(file, (old, old))
    assert main(["health", str(file)]) == 1
    assert re.search(r"was last touched \d+ s ago, more than 30s", printed(capsys))
    assert main(["health", str(file), "--max-age", "10m"]) == 0


def test_health_of_a_page_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health", "http://127.0.0.1:1/live"]) == 1
    assert "cannot be reached" in printed(capsys)


def test_drain_leaves_its_mark(tmp_path: Path) -> None:
    mark = tmp_path / "draining"
    assert main(["drain", "0", "--file", str(mark)]) == 0
    assert mark.exists()


def test_a_module_drains_and_another_one_looks_at_the_health_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taskbroker import drain, healthcheck

    mark, file = tmp_path / "draining", tmp_path / "alive"
    monkeypatch.setattr(drain, "DEFAULT_WORKER_DRAIN_FILE_PATH", str(mark))
    drain.main(["0"])
    assert mark.exists()
    file.touch()
    healthcheck.main([str(file)])
    assert not file.exists()  # the worker makes it anew
    with pytest.raises(SystemExit) as dead:
        healthcheck.main([str(file)])
    assert dead.value.code == 1
    for main_of in (drain.main, healthcheck.main):
        with pytest.raises(SystemExit, match="usage"):
            main_of([])


# ---------------------------------------------------------------------- running


class Program:
    """A ``taskworker`` in a process of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.log = folder / f"{words[0]}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "taskbroker", *words],
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def await_line(self, text: str, times: int = 1) -> None:
        end = time.monotonic() + 120
        while self.log.read_text().count(text) < times:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


def test_dev_needs_neither_kafka_nor_broker(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"{shop.partition(':')[0]}.py"
    program = Program(tmp_path, "run", shop, "--dev", "--concurrency", "1")
    try:
        program.await_line("works for")
        assert main(["send", shop, "mail.welcome", '[7, "a@b.c"]']) == 0
        assert printed(capsys).startswith("Sent(id=")
        program.await_line("hello 7 a@b.c")
        program.await_line("attempt 1 of 1 done in ")

        file.write_text(file.read_text().replace("hello", "good morning"))
        program.await_line("works for", 2)
        assert main(["send", shop, "mail:welcome", "--kwargs", '{"org_id":8,"address":"c"}']) == 0
        program.await_line("good morning 8 c")
    finally:
        assert program.stop() == 0
    assert main(["send", shop, "mail.welcome", '[7, "a@b.c"]']) == 1
    assert "the worker that runs with --dev has gone" in printed(capsys)


def test_dev_goes_on_after_a_change_that_cannot_be_imported(shop: str, tmp_path: Path) -> None:
    file = tmp_path / f"{shop.partition(':')[0]}.py"
    sound = file.read_text()
    program = Program(tmp_path, "run", shop, "--dev", "--concurrency", "1")
    try:
        program.await_line("works for")
        file.write_text("this is no Python")
        program.await_line("the worker has ended; it starts anew when a file has changed")
        file.write_text(sound)
        program.await_line("works for", 2)
    finally:
        assert program.stop() == 0


def test_scheduler_runs_until_it_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clock.py").write_text(
        "from taskbroker import App\n"
        "from taskbroker.testing import InMemoryBroker\n"
        "broker = InMemoryBroker()\n"
        "app = App('clock', transport=broker)\n"
        "broker.know(app)\n"
        "app.every('1s', app.task('tick')(lambda: None))\n"
    )
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path, "scheduler", "clock:app", "--store", "memory")
    try:
        program.await_line("tick sent as", 2)
    finally:
        assert program.stop() == 0


def test_scheduler_says_what_it_lacks(
    shop: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty_app.py").write_text("from taskbroker import App\napp = App('empty')\n")
    assert main(["scheduler", "empty_app:app"]) == 1
    assert "has no schedules" in printed(capsys)
    assert main(["scheduler", shop]) == 1
    assert "no Kafka is known; give --kafka" in printed(capsys)
    assert main(["scheduler", shop, "--store", "what"]) == 1
    assert "--store was 'what'" in printed(capsys)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mail.nothing"], "has no task 'mail.nothing'; it has mail:welcome, default:bill"),
        (["mail.welcome", "7"], "ARGS must be a JSON list, was 7"),
        (["mail.welcome", "[7"], "ARGS must be a JSON list"),
        (["mail.welcome", "[]", "--kwargs", "[]"], "--kwargs must be a JSON object"),
        (["mail.welcome", '["x", "y"]'], "org_id must be int"),
        (["mail.welcome", '[1, "y"]', "--header", "x"], "--header is NAME=VALUE"),
        (["mail.welcome", '[1, "y"]', "--countdown", "soon"], "countdown was 'soon'"),
    ],
)
def test_send_says_what_is_wrong(
    words: list[str], said: str, shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", shop, *words]) == 1
    assert said in printed(capsys)
