"""Writes schedule.json, router.json and amo.json.

The instants were worked out by hand from the rules of Debian's cron and the zones' own changes, not
by a library. Ids are name-based UUIDs.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

#: Namespace of the ids of occurrences; the name is "application:key:instant".
OCCURRENCES = uuid.UUID("5f9c7a4e-7c39-5d0b-9f53-0d3c7b1c6a10")


def cron(name: str, text: str, after: str, *expected: str, tz: str = "UTC") -> dict[str, Any]:
    """The occurrences after an instant; all instants with their offsets."""
    given = {"cron": text, "tz": tz, "after": after}
    return {"name": name, "given": given, "next": list(expected)}


def refused(name: str, text: str, error: str, tz: str = "UTC") -> dict[str, Any]:
    return {"name": name, "given": {"cron": text, "tz": tz}, "error": error}


def due(
    name: str,
    schedule: dict[str, Any],
    last: str | None,
    now: str,
    planned: str | None,
    missed: bool = False,
) -> dict[str, Any]:
    """What is to run now, given the last run."""
    given = {**schedule, "last": last, "now": now}
    return {"name": name, "given": given, "due": planned, "missed": missed}


def key(entry: str, task: str, schedule: dict[str, Any], schedule_id: str) -> dict[str, Any]:
    """The keys of an entry, and the id of one of its occurrences in the application "shop"."""
    storage = f"{entry}:{task}:{schedule_id}"
    instant = "2026-03-01T06:00:00+00:00"
    return {
        "name": f"keys of {storage}",
        "given": {**schedule, "entry": entry, "task": task, "application": "shop"},
        "schedule_id": schedule_id,
        "storage_key": storage,
        "redis_key": f"tw:scheduler:{storage}",
        "occurrence": [instant, uuid.uuid5(OCCURRENCES, f"shop:{storage}:{instant}").hex],
    }


VIENNA = "Europe/Vienna"  # forward 2026-03-29 02:00 → 03:00, back 2026-10-25 03:00 → 02:00
NEW_YORK = "America/New_York"  # forward 2026-03-08, back 2026-11-01
KOLKATA = "Asia/Kolkata"  # half an hour off, never changed
LORD_HOWE = "Australia/Lord_Howe"  # back by half an hour on 2026-04-05 02:00 → 01:30

SCHEDULE = [
    cron("each minute", "* * * * *", "2026-01-01T00:00:30+00:00", "2026-01-01T00:01:00+00:00", "2026-01-01T00:02:00+00:00"),
    cron("not the instant itself", "0 * * * *", "2026-01-01T05:00:00+00:00", "2026-01-01T06:00:00+00:00"),
    cron("a step", "*/15 * * * *", "2026-01-01T00:16:00+00:00", "2026-01-01T00:30:00+00:00", "2026-01-01T00:45:00+00:00", "2026-01-01T01:00:00+00:00"),
    cron("a range with a step", "0 8-18/5 * * *", "2026-01-01T00:00:00+00:00", "2026-01-01T08:00:00+00:00", "2026-01-01T13:00:00+00:00", "2026-01-01T18:00:00+00:00", "2026-01-02T08:00:00+00:00"),
    cron("a list", "5,35 3 * * *", "2026-01-01T00:00:00+00:00", "2026-01-01T03:05:00+00:00", "2026-01-01T03:35:00+00:00"),
    cron("over the end of a year", "0 0 1 1 *", "2026-06-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
    cron("Sunday as 0", "0 6 * * 0", "2026-01-01T00:00:00+00:00", "2026-01-04T06:00:00+00:00", "2026-01-11T06:00:00+00:00"),
    cron("Sunday as 7", "0 6 * * 7", "2026-01-01T00:00:00+00:00", "2026-01-04T06:00:00+00:00", "2026-01-11T06:00:00+00:00"),
    cron("days by name", "0 6 * * MON-WED", "2026-01-01T00:00:00+00:00", "2026-01-05T06:00:00+00:00", "2026-01-06T06:00:00+00:00", "2026-01-07T06:00:00+00:00", "2026-01-12T06:00:00+00:00"),
    cron("months by name", "0 0 1 FEB,APR *", "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", "2026-04-01T00:00:00+00:00"),
    cron("the second Monday", "0 6 * * MON#2", "2026-01-01T00:00:00+00:00", "2026-01-12T06:00:00+00:00", "2026-02-09T06:00:00+00:00"),
    cron("the last day of a month", "0 6 L * *", "2026-01-01T00:00:00+00:00", "2026-01-31T06:00:00+00:00", "2026-02-28T06:00:00+00:00"),
    cron("the last day of a leap February", "0 6 L 2 *", "2027-06-01T00:00:00+00:00", "2028-02-29T06:00:00+00:00"),
    cron("the last working day", "0 6 LW * *", "2026-01-01T00:00:00+00:00", "2026-01-30T06:00:00+00:00", "2026-02-27T06:00:00+00:00"),
    cron("the last Friday", "0 6 * * 5L", "2026-01-01T00:00:00+00:00", "2026-01-30T06:00:00+00:00", "2026-02-27T06:00:00+00:00"),
    cron("the 29th of February", "0 0 29 2 *", "2026-01-01T00:00:00+00:00", "2028-02-29T00:00:00+00:00"),
    cron("a day of the month or of the week", "0 0 13 * FRI", "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00", "2026-01-09T00:00:00+00:00", "2026-01-13T00:00:00+00:00"),
    cron("both, if one begins with a star", "0 0 */13 * FRI", "2026-01-01T00:00:00+00:00", "2026-02-27T00:00:00+00:00"),
    cron("a zone in winter", "0 6 * * *", "2026-01-01T00:00:00+00:00", "2026-01-01T05:00:00+00:00", tz=VIENNA),
    cron("a zone in summer", "0 6 * * *", "2026-07-01T00:00:00+00:00", "2026-07-01T04:00:00+00:00", tz=VIENNA),
    cron("a zone of half an hour", "0 6 * * *", "2026-01-01T00:00:00+00:00", "2026-01-01T00:30:00+00:00", "2026-01-02T00:30:00+00:00", tz=KOLKATA),
    cron("spring: a time that is skipped runs after the gap", "30 2 * * *", "2026-03-28T12:00:00+00:00", "2026-03-29T01:00:00+00:00", "2026-03-30T00:30:00+00:00", tz=VIENNA),
    cron("spring: each half hour follows real time", "*/30 * * * *", "2026-03-29T00:00:00+00:00", "2026-03-29T00:30:00+00:00", "2026-03-29T01:00:00+00:00", "2026-03-29T01:30:00+00:00", tz=VIENNA),
    cron("spring: a time outside the gap", "0 6 * * *", "2026-03-28T12:00:00+00:00", "2026-03-29T04:00:00+00:00", "2026-03-30T04:00:00+00:00", tz=VIENNA),
    cron("spring in New York", "30 2 * * *", "2026-03-07T12:00:00+00:00", "2026-03-08T07:00:00+00:00", "2026-03-09T06:30:00+00:00", tz=NEW_YORK),
    cron("autumn: a time that is twice runs the first time", "30 2 * * *", "2026-10-24T12:00:00+00:00", "2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00", tz=VIENNA),
    cron("autumn: each half hour follows real time", "*/30 * * * *", "2026-10-24T23:30:00+00:00", "2026-10-25T00:00:00+00:00", "2026-10-25T00:30:00+00:00", "2026-10-25T01:00:00+00:00", "2026-10-25T01:30:00+00:00", "2026-10-25T02:00:00+00:00", tz=VIENNA),
    cron("autumn in New York", "30 1 * * *", "2026-10-31T12:00:00+00:00", "2026-11-01T05:30:00+00:00", "2026-11-02T06:30:00+00:00", tz=NEW_YORK),
    cron("autumn by half an hour", "45 1 * * *", "2026-04-04T00:00:00+00:00", "2026-04-04T14:45:00+00:00", "2026-04-05T15:15:00+00:00", tz=LORD_HOWE),
    refused("four fields", "* * * *", "five fields"),
    refused("six fields", "* * * * * *", "five fields"),
    refused("a minute of 60", "60 * * * *", "cron expression"),
    refused("a month of 13", "* * * 13 *", "cron expression"),
    refused("a word", "hourly", "five fields"),
    refused("a step of zero", "*/0 * * * *", "cron expression"),
    refused("a zone that is none", "* * * * *", "time zone", tz="Mars/Olympus"),
    due("cron: the minute has come", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-01T06:00:00+00:00", "2026-01-02T06:00:00+00:00", "2026-01-02T06:00:00+00:00"),
    due("cron: it has run already", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-02T06:00:00+00:00", "2026-01-02T06:00:30+00:00", None),
    due("cron: it has run a little late", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-02T06:00:04.5+00:00", "2026-01-02T06:00:30+00:00", None),
    due("cron: late by less than a minute", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-01T06:00:00+00:00", "2026-01-02T06:00:59+00:00", "2026-01-02T06:00:00+00:00"),
    due("cron: late by a minute is missed", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-01T06:00:00+00:00", "2026-01-02T06:01:00+00:00", "2026-01-02T06:00:00+00:00", True),
    due("cron: of several missed ones the last", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-01T06:00:00+00:00", "2026-01-05T09:00:00+00:00", "2026-01-05T06:00:00+00:00", True),
    due("cron: never run, and not its minute", {"cron": "0 6 * * *", "tz": "UTC"}, None, "2026-01-02T09:00:00+00:00", None),
    due("cron: never run, and its minute", {"cron": "0 6 * * *", "tz": "UTC"}, None, "2026-01-02T06:00:10+00:00", "2026-01-02T06:00:00+00:00"),
    due("cron: a last run in the future waits for it", {"cron": "0 6 * * *", "tz": "UTC"}, "2026-01-03T00:00:00+00:00", "2026-01-02T06:00:00+00:00", None),
    due("interval: never run", {"every": 300}, None, "2026-01-02T09:00:00.25+00:00", "2026-01-02T09:00:00+00:00"),
    due("interval: too early", {"every": 300}, "2026-01-02T09:00:00+00:00", "2026-01-02T09:04:59+00:00", None),
    due("interval: its time", {"every": 300}, "2026-01-02T09:00:00+00:00", "2026-01-02T09:05:00+00:00", "2026-01-02T09:05:00+00:00"),
    due("interval: late, and in its rhythm", {"every": 300}, "2026-01-02T09:00:00+00:00", "2026-01-02T09:05:02+00:00", "2026-01-02T09:05:00+00:00"),
    due("interval: several missed are one run", {"every": 300}, "2026-01-02T09:00:00+00:00", "2026-01-02T09:17:00+00:00", "2026-01-02T09:15:00+00:00"),
    key("five", "ns:ok", {"every": 300}, "300"),
    key("cr", "ns:ok", {"cron": "*/1 * * * *", "tz": "UTC"}, "*/1_*_*_*_*"),
    key("digest", "mail:digest", {"cron": "0 6 * * *", "tz": VIENNA}, "0_6_*_*_*@Europe/Vienna"),
    key("two spaces", "mail:digest", {"cron": "0  6 * * MON#2", "tz": "UTC"}, "0_6_*_*_MON#2"),
]  # fmt: skip

ROUTER = [
    {"name": "everything to one topic", "given": {"router": "default", "namespace": "mail"}, "topic": "taskworker"},
    {"name": "one topic of the user's", "given": {"router": "default", "topic": "jobs", "namespace": "mail"}, "topic": "jobs"},
    {"name": "by namespace", "given": {"router": {"mail": "taskworker-mail"}, "namespace": "mail"}, "topic": "taskworker-mail"},
    {"name": "a namespace that is not named", "given": {"router": {"mail": "taskworker-mail"}, "namespace": "bill"}, "topic": "taskworker"},
    {"name": "of another application", "given": {"router": {"shop:mail": "shop-mail", "mail": "ours"}, "namespace": "mail", "application": "shop"}, "topic": "shop-mail"},
    {"name": "of another application, not named", "given": {"router": {"mail": "ours"}, "namespace": "mail", "application": "shop"}, "topic": "taskworker"},
]  # fmt: skip

AMO = [
    {"name": "a task", "given": {"namespace": "ns", "taskname": "amo", "id": "a6"}, "key": "tw:amo:ns:amo:a6"},
    {"name": "a task of 32 digits", "given": {"namespace": "mail", "taskname": "once", "id": "0123456789abcdef0123456789abcdef"}, "key": "tw:amo:mail:once:0123456789abcdef0123456789abcdef"},
    {"name": "a dashed id", "given": {"namespace": "mail", "taskname": "once", "id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}, "key": "tw:amo:mail:once:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
    {"name": "names with separators", "given": {"namespace": "a.b", "taskname": "c:d", "id": "1"}, "key": "tw:amo:a.b:c:d:1"},
]  # fmt: skip


def write(name: str, cases: list[dict[str, Any]]) -> None:
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    write("schedule.json", SCHEDULE)
    write("router.json", ROUTER)
    write("amo.json", AMO)
