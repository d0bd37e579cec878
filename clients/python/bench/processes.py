"""What the kernel counts of a worker and all that it has started."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def session(leader: int) -> list[int]:
    """All processes of the session that ``leader`` has begun."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields and int(fields[3]) == leader:
                found.append(int(folder.name))
    return found


def cpu(leader: int) -> float:
    """Seconds of CPU: of those that live, and of those that have ended."""
    total = 0
    for pid in session(leader):
        fields = _stat(pid)
        if fields:
            total += sum(int(x) for x in fields[11:15])  # utime, stime, cutime, cstime
    return total / _TICK


def memory(leader: int) -> tuple[float, float]:
    """Resident and proportional memory in MB."""
    rss = pss = 0
    for pid in session(leader):
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
