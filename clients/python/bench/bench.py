"""Measures taskbroker-client and our client in one run, by process accounting.

Both work for the same broker in memory, which runs in this process: what is compared is the worker.
CPU is user and system time of all processes of a worker, from its 200th task to its last. "Stream"
is a broker to which a worker attaches itself, "calls" one that is asked for each task. "gRPC alone"
is what a call takes that does nothing, on the same machine a moment later: the least that a task by
calls, or one that is pushed, can cost.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import floor
import processes
from stage import Stage, Starter

HERE = Path(__file__).resolve().parent
PEER, OURS = "taskbroker-client", "ours"
BOTH = (("peer", PEER), ("ours", OURS))


class Table:
    """Figures of both, with the goal for ours."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, dict[str, float], str]] = []

    def add(self, name: str, unit: str, goal: str = "", **values: float) -> None:
        self._rows.append((name, unit, values, goal))
        shown = ", ".join(f"{k} {v:.1f}" for k, v in values.items())
        print(f"  {name}: {shown} {unit}", file=sys.stderr, flush=True)

    def show(self) -> None:
        print(f"{'':44}{'peer':>10}{'ours':>10}{'ratio':>8}  unit   goal for ours")
        for name, unit, values, goal in self._rows:
            peer, ours = values.get("peer"), values.get("ours")
            ratio = f"{peer / ours:.1f}" if peer and ours else "-"
            cells = [f"{v:.1f}" if v is not None else "-" for v in (peer, ours)]
            print(f"{name:44}{cells[0]:>10}{cells[1]:>10}{ratio:>8}  {unit:6} {goal}")
        for name, unit, values, _ in self._rows:
            for who, value in values.items():
                key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
                print(f"clients.{key}.{who} {value:.3f} {unit or 'number'}")


# ---------------------------------------------------------------------- sizes


def installed(table: Table, peer: str) -> None:
    """Size and number of distributions, without bytecode, each into an empty folder."""
    ours = str(HERE.parent)
    wanted = {
        "install": (peer, f"{ours}[kafka,worker]", "≤ 40"),
        "install, producer only": (peer, f"{ours}[kafka]", "≤ 20"),
        "install, worker only": (peer, f"{ours}[worker]", "≤ 25"),
    }
    sizes: dict[str, tuple[float, int]] = {}
    for name, (theirs, own, goal) in wanted.items():
        for what in (theirs, own):
            if what not in sizes:
                sizes[what] = size_of(what)
        table.add(name, "MB", goal, peer=sizes[theirs][0], ours=sizes[own][0])
        table.add(f"{name}, distributions", "", peer=sizes[theirs][1], ours=sizes[own][1])


def size_of(what: str) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--target", folder]
        subprocess.run([*command, what], check=True, stderr=subprocess.DEVNULL)
        root = Path(folder)
        bytes_ = sum(f.stat().st_blocks * 512 for f in root.rglob("*") if f.is_file())
        return bytes_ / 1e6, len(list(root.glob("*.dist-info")))


_IMPORT = """
import resource, sys
def spent():
    u = resource.getrusage(resource.RUSAGE_SELF)
    rss = [l.split()[1] for l in open("/proc/self/status") if l.startswith("VmRSS")]
    return (u.ru_utime + u.ru_stime) * 1000, len(sys.modules), int(rss[0]) / 1000
before = spent()
import {module}
print(*(b - a for a, b in zip(before, spent())))
"""


def imports(table: Table, times: int) -> None:
    for name, theirs, ours, goal in (
        ("import, to define and call", "taskbroker_client.app", "taskbroker", "≤ 60"),
        (
            "import, a worker's parent",
            "taskbroker_client.worker.worker",
            "taskbroker.worker.service, grpc.aio",  # the package alone loads neither
            "≤ 120",
        ),
    ):
        figures = {"peer": import_of(theirs, times), "ours": import_of(ours, times)}
        for index, (what, unit) in enumerate((("", "ms"), (", modules", ""), (", memory", "MB"))):
            table.add(
                name + what,
                unit,
                goal if not what else "",
                **{who: figures[who][index] for who in figures},
            )


def import_of(module: str, times: int) -> list[float]:
    runs = []
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT.format(module=module)],
            capture_output=True,
            text=True,
            check=True,
        )
        runs.append([float(x) for x in done.stdout.split()])
    return [statistics.median(column) for column in zip(*runs, strict=True)]


# ---------------------------------------------------------------------- workers


def cpu(table: Table, tasks: int) -> None:
    peer = cpu_of(PEER, tasks, "pull")
    for way, is_stream, goals in (
        ("stream", True, ("≤ 50", "≤ 30", "≤ 30")),
        ("calls", False, ("≤ 180", "≤ 140", "≤ 120")),
    ):
        pools = (("processes", 1), ("threads", 8), ("async", 100))
        for (pool, concurrency), goal in zip(pools, goals, strict=True):
            many = tasks * 5 if is_stream else tasks
            own = cpu_of(
                OURS, many, "pull", pool=pool, concurrency=concurrency, is_stream=is_stream
            )
            table.add(f"CPU a task, {pool}, {way}", "us", goal, peer=peer, ours=own)
    signed = {who: cpu_of(name, tasks, "push", secrets='["one", "two"]') for who, name in BOTH}
    table.add("CPU a task, push, signed", "us", "≤ 250", **signed)
    table.add("gRPC alone, a call is made", "us", ours=floor.made(tasks))
    table.add("gRPC alone, a call is answered", "us", ours=floor.answered(tasks))


def cpu_of(
    who: str,
    tasks: int,
    mode: str,
    *,
    pool: str | None = None,
    concurrency: int = 1,
    secrets: str | None = None,
    is_stream: bool = True,
) -> float:
    with Stage(secrets, is_stream=is_stream) as stage:
        for _ in range(tasks):
            stage.send("noop")
        starter = Starter(who, stage, secrets, is_async=pool == "async")
        worker = starter.own(pool, concurrency) if pool else starter.either(mode, concurrency)
        if mode == "push":
            stage.push_to(starter.push_address)
        try:
            stage.await_reports(200)
            begun, at = processes.cpu(worker.pid), stage.reports
            stage.await_reports(tasks)
            spent = processes.cpu(worker.pid) - begun
            return spent * 1e6 / (tasks - at)
        finally:
            starter.end(worker)


def memory(table: Table) -> None:
    for children, goal in ((1, "≤ 60"), (8, "≤ 130 (PSS)")):
        figures = {who: memory_of(name, children) for who, name in BOTH}
        for index, kind in enumerate(("RSS", "PSS")):
            table.add(
                f"memory, {children} children, {kind}",
                "MB",
                goal if (kind == "PSS") == (children == 8) else "",
                **{who: figures[who][index] for who in figures},
            )


def memory_of(who: str, children: int) -> tuple[float, float]:
    with Stage() as stage:
        starter = Starter(who, stage)
        worker = starter.either("pull", children)
        try:
            for _ in range(children * 2):
                stage.send("sleep", 0.2)
            stage.await_reports(children * 2)
            return processes.memory(worker.pid)
        finally:
            starter.end(worker)


def latency(table: Table, samples: int) -> None:
    figures = {who: latencies(name, samples) for who, name in BOTH}
    for what, goal, of in (("p50", "≤ 10", statistics.median), ("max", "≤ 50", max)):
        values = {who: of(found) for who, found in figures.items()}
        table.add(f"idle latency, {what}", "ms", goal, **values)


def latencies(who: str, samples: int) -> list[float]:
    """From the broker's having a task to its function, when the worker has been idle for 3 s."""
    with Stage() as stage:
        starter = Starter(who, stage)
        worker = starter.either("pull", 1)
        try:
            stage.send("mark")
            stage.await_notes("mark", 1)
            found = []
            for number in range(samples):
                time.sleep(3)
                sent = time.time()
                stage.send("mark")
                found.append((stage.await_notes("mark", number + 2)[-1] - sent) * 1000)
            return found
        finally:
            starter.end(worker)


def crash(table: Table) -> None:
    figures = {}
    for who, name in BOTH:
        with Stage() as stage:
            starter = Starter(name, stage)
            worker = starter.either("pull", 2)
            try:
                stage.send("die")
                first, second = stage.await_notes("died", 2)[:2]
                figures[who] = second - first
            finally:
                starter.end(worker)
    table.add("child dies, until it runs again", "s", "≤ 0.5", **figures)


def stops(table: Table) -> None:
    for name, seconds, goal in (("idle", None, "≤ 0.3"), ("a task of 1 s runs", 1.0, "≤ 1.3")):
        figures = {}
        for who, client in BOTH:
            with Stage() as stage:
                starter = Starter(client, stage)
                worker = starter.either("pull", 1)
                stage.send("mark")
                stage.await_notes("mark", 1)
                if seconds is not None:
                    stage.send("sleep", seconds)
                    stage.await_notes("begun", 1)
                figures[who] = starter.end(worker)
        table.add(f"stop, {name}", "s", goal, **figures)


def prefetched(table: Table) -> None:
    """Five tasks wait in the worker when it is told to stop: when do they run elsewhere?"""
    times, used = {}, {}
    for who, client in BOTH:
        with Stage() as stage:
            starter = Starter(client, stage)
            worker = starter.either("pull", 1) if client is PEER else starter.own("processes", 1, 5)
            for _ in range(6):
                stage.send("sleep", 0.5)
            stage.await_notes("begun", 1)
            stage.await_handed_out(6)
            told = time.time()
            starter.end(worker)
            other = Starter(OURS, stage)
            second = other.own("processes", 5, 0)
            begun = stage.await_notes("begun", 6)
            times[who] = begun[-1] - told
            used[who] = float(stage.overdue)
            other.end(second)
    table.add("5 prefetched at a stop, until they run", "s", "", **times)
    table.add("… attempts used up", "", "0", **used)


def card() -> None:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    load = os.getloadavg()[0]
    print(
        f"machine: {os.cpu_count()} x {model}, load {load:.1f}, Python {platform.python_version()}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="taskbroker-client==0.20.30", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="fewer tasks and samples")
    parser.add_argument(
        "--only", help="some of: install import cpu memory latency crash stop, with commas"
    )
    given = parser.parse_args()
    chosen = set((given.only or "install,import,cpu,memory,latency,crash,stop").split(","))
    if shutil.which("pip") is None and not Path(sys.executable).with_name("pip").exists():
        chosen.discard("install")
    table = Table()
    steps = {
        "install": lambda: installed(table, given.peer),
        "import": lambda: imports(table, 5 if given.quick else 15),
        "cpu": lambda: cpu(table, 3_000 if given.quick else 20_000),
        "memory": lambda: memory(table),
        "latency": lambda: latency(table, 5 if given.quick else 20),
        "crash": lambda: crash(table),
        "stop": lambda: (stops(table), prefetched(table)),
    }
    for name, step in steps.items():
        if name in chosen:
            print(f"{name} …", file=sys.stderr, flush=True)
            step()
    card()
    table.show()


if __name__ == "__main__":
    main()
