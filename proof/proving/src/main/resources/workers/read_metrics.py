"""Parses a page of metrics with Prometheus' own library, in both of its formats: read_metrics.py URL

Prints a line for each family: FORMAT NAME TYPE SUM, the sum of its counters or of its counts.
"""

import sys
import urllib.request

import prometheus_client.openmetrics.parser
import prometheus_client.parser

FORMATS = {
    "text": (
        "text/plain; version=0.0.4",
        prometheus_client.parser.text_string_to_metric_families,
    ),
    "openmetrics": (
        "application/openmetrics-text; version=1.0.0",
        prometheus_client.openmetrics.parser.text_string_to_metric_families,
    ),
}


def page(url, media_type):
    question = urllib.request.Request(url, headers={"Accept": media_type})
    with urllib.request.urlopen(question, timeout=10) as answer:
        given = answer.headers["Content-Type"]
        if not given.startswith(media_type):
            raise SystemExit(f"asked for {media_type}, got {given}")
        return answer.read().decode("utf-8")


def total(family):
    return sum(
        sample.value for sample in family.samples if sample.name.endswith(("_total", "_count"))
    )


if __name__ == "__main__":
    for name, (media_type, parse) in FORMATS.items():
        for family in parse(page(sys.argv[1], media_type)):
            print(name, family.name, family.type, total(family))
