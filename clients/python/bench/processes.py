"""What the kernel counts of a worker and all that it has started."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def family(leader: int) -> list[int]:
    """A process, all that descend from it, and all of its session."""
    parents: dict[int, tuple[int, int]] = {}
    for folder in Path("/proc").iterdir():
        fields = _stat(int(folder.name)) if folder.name.isdigit() else None
        if fields:
            parents[int(folder.name)] = (int(fields[1]), int(fields[3]))
    found = {pid for pid, (_, session) in parents.items() if session == leader} | {leader}
    grown = True
    while grown:
        more = {pid for pid, (parent, _) in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return sorted(found)


def cpu(leader: int) -> float:
    """Seconds of CPU: of those that live, and of those that have ended."""
    total = 0
    for pid in family(leader):
        fields = _stat(pid)
        if fields:
            total += sum(int(x) for x in fields[11:15])  # utime, stime, cutime, cstime
    return total / _TICK


def memory(leader: int) -> tuple[float, float]:
    """Resident and proportional memory in MB."""
    rss = pss = 0
    for pid in family(leader):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith("Rss:"):
                rss += int(line.split()[1])
            elif line.startswith("Pss:"):
                pss += int(line.split()[1])
    return rss / 1000, pss / 1000


def _stat(pid: int) -> list[str] | None:
    """The fields behind the command's name; the fourth is the session."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
