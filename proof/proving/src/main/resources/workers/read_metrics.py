"""Parses a page of metrics with Prometheus' own library: read_metrics.py URL

Prints a line for each family: NAME TYPE SUM, the sum of its counters or of its counts.
"""

import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

MEDIA_TYPE = "text/plain; version=0.0.4"


def page(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        given = answer.headers["Content-Type"]
        if not given.startswith(MEDIA_TYPE):
            raise SystemExit(f"expected {MEDIA_TYPE}, got {given}")
        return answer.read().decode("utf-8")


def total(family):
    return sum(
        sample.value for sample in family.samples if sample.name.endswith(("_total", "_count"))
    )


if __name__ == "__main__":
    for family in text_string_to_metric_families(page(sys.argv[1])):
        print(family.name, family.type, total(family))
