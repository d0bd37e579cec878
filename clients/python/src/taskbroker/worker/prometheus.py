"""Keeps the worker's numbers and shows them in Prometheus' text format."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left

from taskbroker.metrics import NoOpMetricsBackend, Tags

#: Upper bounds of the buckets of every distribution, in seconds for those that are times.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

#: Series of one name; further combinations of tags are not counted.
MAX_SERIES = 2_000

_Labels = tuple[tuple[str, str], ...]


class PrometheusMetrics(NoOpMetricsBackend):
    """Counters, gauges and histograms in memory. Safe for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: dict[str, dict[_Labels, float]] = {}
        self._gauges: dict[str, dict[_Labels, float]] = {}
        self._histograms: dict[str, dict[_Labels, list[float]]] = {}

    def gauge(
        self,
        name: str,
        value: int | float,
        instance: str | None = None,
        tags: Tags | None = None,
        sample_rate: float | None = None,
        unit: str | None = None,
    ) -> None:
        with self._lock:
            series = self._gauges.setdefault(name, {})
            labels = _labels(tags)
            if labels in series or len(series) < MAX_SERIES:
                series[labels] = value

    def incr(
        self,
        name: str,
        value: int | float = 1,
        tags: Tags | None = None,
        sample_rate: float | None = None,
    ) -> None:
        with self._lock:
            series = self._counters.setdefault(name, {})
            labels = _labels(tags)
            if labels in series or len(series) < MAX_SERIES:
                series[labels] = series.get(labels, 0.0) + value

    def distribution(
        self,
        name: str,
        value: int | float,
        tags: Tags | None = None,
        unit: str | None = None,
        sample_rate: float | None = None,
    ) -> None:
        with self._lock:
            series = self._histograms.setdefault(name, {})
            labels = _labels(tags)
            found = series.get(labels)
            if found is None:
                if len(series) >= MAX_SERIES:
                    return
                found = series[labels] = [0.0] * (len(BUCKETS) + 2)  # …, above all, sum
            found[bisect_left(BUCKETS, value)] += 1
            found[-1] += value

    def page(self) -> str:
        """All numbers as text."""
        lines: list[str] = []
        with self._lock:
            for name, series in sorted(self._counters.items()):
                shown = f"{_name(name)}_total"
                lines.append(f"# TYPE {shown} counter")
                lines += [f"{shown}{_shown(labels)} {v:g}" for labels, v in series.items()]
            for name, series in sorted(self._gauges.items()):
                shown = _name(name)
                lines.append(f"# TYPE {shown} gauge")
                lines += [f"{shown}{_shown(labels)} {v:g}" for labels, v in series.items()]
            for name, distributions in sorted(self._histograms.items()):
                shown = _name(name)
                lines.append(f"# TYPE {shown} histogram")
                for labels, values in distributions.items():
                    lines += _histogram(shown, labels, values)
        return "\n".join(lines) + "\n"


def _histogram(name: str, labels: _Labels, values: list[float]) -> list[str]:
    lines = []
    count = 0.0
    for bound, value in zip((*BUCKETS, "+Inf"), values, strict=False):
        count += value
        lines.append(f"{name}_bucket{_shown((*labels, ('le', str(bound))))} {count:g}")
    lines.append(f"{name}_sum{_shown(labels)} {values[-1]:g}")
    lines.append(f"{name}_count{_shown(labels)} {count:g}")
    return lines


def _labels(tags: Tags | None) -> _Labels:
    return tuple((k, str(v)) for k, v in tags.items()) if tags else ()


def _name(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_:]", "_", name)


def _shown(labels: _Labels) -> str:
    if not labels:
        return ""
    escaped = (
        (k, v.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for k, v in labels
    )
    return "{" + ",".join(f'{_name(k)}="{v}"' for k, v in escaped) + "}"
