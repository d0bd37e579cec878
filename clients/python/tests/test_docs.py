"""Plays the programs of the documents, and holds the reference to the docstrings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from vectors import REPOSITORY

SHOP = REPOSITORY / "examples" / "python" / "shop.py"
CLIENT = REPOSITORY / "clients" / "python"


def programs(document: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", document.read_text(), re.DOTALL | re.MULTILINE)


def test_the_first_task_takes_ten_lines() -> None:
    assert len(SHOP.read_text().splitlines()) <= 10


@pytest.mark.parametrize("document", [REPOSITORY / "README.md", CLIENT / "README.md"])
def test_the_first_pages_have_the_ten_lines(document: Path) -> None:
    assert programs(document)[0] == SHOP.read_text()


def test_the_page_of_the_package_has_no_link_into_the_repository() -> None:
    """A package index shows the page alone, without the repository."""
    text = (CLIENT / "README.md").read_text()
    assert re.findall(r"\]\((?!https://)[^)]*\)", text) == []


@pytest.mark.parametrize(
    "document", [REPOSITORY / "docs" / "clients" / "python.md", CLIENT / "README.md"]
)
def test_programs_of_documents_run(document: Path, tmp_path: Path) -> None:
    """All programs of a document are one file for pytest, in their order."""
    parts = [p.replace('if __name__ == "__main__"', "def main()") for p in programs(document)]
    (tmp_path / "test_document.py").write_text("\n\n".join(parts))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_document.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="signatures are shown differently")
def test_the_reference_is_up_to_date() -> None:
    sys.path.insert(0, str(CLIENT))
    try:
        import make_reference
    finally:
        sys.path.remove(str(CLIENT))
    assert make_reference.text() == make_reference.OUT.read_text(), (
        "run clients/python/make_reference.py"
    )


def test_each_member_in_the_reference_says_what_it_is_for() -> None:
    reference = (REPOSITORY / "docs" / "clients" / "python-reference.md").read_text()
    assert re.findall(r"^- `[^`]*`$", reference, re.MULTILINE) == []


def test_the_guide_names_the_commands() -> None:
    from taskbroker.cli.options import COMMANDS

    guide = (REPOSITORY / "docs" / "clients" / "python.md").read_text()
    missing = [c.name for c in COMMANDS if f"taskworker {c.name}" not in guide]
    assert missing == ["drain"]


def test_each_test_that_is_named_in_the_table_exists() -> None:
    table = (REPOSITORY / "docs" / "clients" / "tested.md").read_text()
    named = re.findall(r"^\| .* \| `(\w+)\.(\w+)` \|$", table, re.MULTILINE)
    rows = [r for r in table.splitlines() if r.startswith("| ") and r != "| what | test |"]
    assert len(named) == len([r for r in rows if r != "| --- | --- |"])
    missing = []
    for file, name in named:
        source = (CLIENT / "tests" / f"test_{file}.py").read_text()
        if not re.search(rf"^ *(?:async )?def test_{name}\(", source, re.MULTILINE):
            missing.append(f"{file}.{name}")
    assert missing == []


def test_the_table_says_how_many_rows_are_ideas_of_the_other_client_and_how_many_ours() -> None:
    table = (REPOSITORY / "docs" / "clients" / "tested.md").read_text()
    rows = re.findall(r"^\| (.*) \| `\w+\.\w+` \|$", table, re.MULTILINE)
    ours = [row for row in rows if row.endswith(" (ours)")]
    said = " ".join(table.split())
    assert (
        f"Of the {len(rows)} rows {len(rows) - len(ours)} are of what `taskbroker-client`" in said
    )
    assert f"{len(ours)} rows, marked (ours), are of what it does not do." in said
    cases, *parts = re.search(
        r"in (\d+) cases, (\d+) of them of workers, (\d+) of .*?, (\d+) of tasks, (\d+) of .*?,"
        r" (\d+) of .*?, (\d+) of schedulers and (\d+) of schedules",
        said,
    ).groups()  # type: ignore[union-attr]
    assert int(cases) == sum(map(int, parts))
