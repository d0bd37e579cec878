"""Writes docs/clients/python-reference.md from docstrings. ``python make_reference.py``"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

OUT = Path(__file__).resolve().parents[2] / "docs" / "clients" / "python-reference.md"

#: What pytest makes of a fixture's function; its name differs from version to version.
FIXTURE = type(pytest.fixture(lambda: None))

HEAD = """# Reference of the Python client

Made from docstrings by `clients/python/make_reference.py`; a test sees to it that it is up to date.
[python.md](python.md) is the guide. A `Duration` is seconds, a `timedelta`, or text such as
`250ms`, `20s`, `5m`, `2h`, `1d`.
"""

PARTS = {
    "Apps and tasks": "taskbroker:App,TaskNamespace,Task,Bound@call,CallOptions@call,Call@call,"
    "Sent",
    "In a task": "taskbroker:Context,current_task,CurrentTaskState",
    "Retries": "taskbroker:Retry,exponential,LastAction,Fail,Snooze,RetryTaskError,retry_task,"
    "NoRetriesRemainingError",
    "Errors": "taskbroker:TaskbrokerError,ArgumentsError,ConfigurationError,DeliveryError,"
    "MissingExtra,UnknownTask,Unsupported,ChildDied,DeadlineExceeded,Stopping",
    "Workers": "taskbroker.worker:Worker,Options,Stopped",
    "Schedulers": "taskbroker.scheduler:Scheduler,Entry,Cron,Interval,KafkaStore,TableStore,"
    "RedisRunStorage,MemoryStore",
    "Tests": "taskbroker.testing:taskbroker@testing.pytest_plugin,"
    "task_context@testing.pytest_plugin,InMemoryBroker,InMemoryServer,Ended,SentCall,SentCalls",
    "What an app may be given": "taskbroker.types:AtMostOnceStore,ContextHook@types,"
    "TaskRouter@router,MetricsBackend@metrics,StatsdMetrics@metrics,Transport@producer.port",
}


def main() -> None:
    OUT.write_text(text())


def text() -> str:
    """The whole document."""
    lines = [HEAD]
    for title, part in PARTS.items():
        module, _, names = part.partition(":")
        lines.append(f"## {title}\n")
        for name in names.split(","):
            name, _, elsewhere = name.partition("@")
            where = f"taskbroker.{elsewhere}" if elsewhere else module
            lines += entry(where, name, getattr(importlib.import_module(where), name))
    return "\n".join(lines).rstrip() + "\n"


def entry(module: str, name: str, value: Any) -> list[str]:
    if isinstance(value, FIXTURE):
        return [f"### The fixture {name}\n", prose(inspect.unwrap(value)), ""]
    lines = [f"### {module}.{name}\n"]
    if inspect.isfunction(value):
        return [*lines, code(f"{name}{signature(value)}"), prose(value), ""]
    if issubclass(value, BaseException):
        bases = ", ".join(f"`{b.__name__}`" for b in value.__bases__)
        return [*lines, f"{prose(value)} Is a {bases}.", ""]
    if issubclass(value, enum.Enum):
        members = ", ".join(f"`{m.name}`" for m in value)
        return [*lines, prose(value), f"\nOne of {members}.", ""]
    if not is_protocol(value) and not hasattr(value, "__required_keys__"):
        lines.append(code(f"{name}{signature(value)}"))
    lines += [prose(value), ""]
    fields = described_fields(value)
    lines += [f"- `{field}` {says}" for field, says in fields.items()]
    for method, member in vars(value).items():
        if not method.startswith("_") and method not in names_of_fields(value):
            lines += member_lines(value, method, member)
    return [*lines, ""]


def member_lines(owner: type, name: str, member: Any) -> list[str]:
    if isinstance(member, property):
        return [f"- `{name}` {flat(member.__doc__)}"] if member.__doc__ else []
    function = member.__func__ if isinstance(member, staticmethod | classmethod) else member
    if not inspect.isfunction(function):
        return []
    kind = "async " if inspect.iscoroutinefunction(function) else ""
    doc = inspect.getdoc(getattr(owner, name))  # its own, or that of what it implements
    return [f"- `{kind}{name}{signature(function)}` {flat(doc)}".rstrip()]


def is_protocol(value: type) -> bool:
    return bool(getattr(value, "_is_protocol", False))


def names_of_fields(value: type) -> list[str]:
    """The fields of a dataclass, or the keys of a TypedDict."""
    names = [f.name for f in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    keys = (*getattr(value, "__required_keys__", ()), *getattr(value, "__optional_keys__", ()))
    return names + list(keys)


def described_fields(value: type) -> dict[str, str]:
    """The text below each field in the source."""
    names = names_of_fields(value)
    if not names:
        return {}
    source = inspect.getsource(value)
    found = re.findall(r'^    (\w+): [^\n]+\n    """(.*?)"""', source, re.DOTALL | re.MULTILINE)
    return {n: flat(says) for n, says in found if n in names}


def signature(value: Any) -> str:
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return "()"
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values()]
    shown = []
    for parameter in plain:
        if parameter.name == "self":
            continue
        hint = annotation(found.parameters[parameter.name].annotation)
        name = str(parameter.replace(default=inspect.Parameter.empty))
        default = "" if parameter.default is inspect.Parameter.empty else default_of(parameter)
        shown.append((parameter, f"{name}{hint}{default}"))
    return f"({', '.join(with_marks(shown))}){annotation(found.return_annotation, ' -> ')}"


def with_marks(shown: list[tuple[inspect.Parameter, str]]) -> list[str]:
    """Puts the star before the parameters that have to be named."""
    kinds = [parameter.kind for parameter, _ in shown]
    texts = [text for _, text in shown]
    if inspect.Parameter.KEYWORD_ONLY in kinds and inspect.Parameter.VAR_POSITIONAL not in kinds:
        texts.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    return texts


def annotation(hint: Any, before: str = ": ") -> str:
    if hint is inspect.Signature.empty:
        return ""
    return f"{before}{hint if isinstance(hint, str) else inspect.formatannotation(hint)}"


def default_of(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if isinstance(value, enum.Enum):
        return f" = {type(value).__name__}.{value.name}"
    if callable(value):
        return f" = {value.__name__}"
    return " = …" if "factory" in repr(value) else f" = {value!r}"


def code(line: str) -> str:
    return f"```\n{line}\n```\n"


def prose(value: Any) -> str:
    """The docstring, its examples as code."""
    doc = inspect.cleandoc(value.__doc__ or "")
    blocks = []
    for block in doc.split("\n\n"):
        is_code = block.startswith(">>>")
        blocks.append(f"```\n{block}\n```" if is_code else flat(block))
    return "\n\n".join(blocks)


def flat(doc: str | None) -> str:
    """One line, with the marks of reStructuredText as Markdown."""
    line = " ".join(inspect.cleandoc(doc or "").split())
    line = re.sub(r":\w+:`~([^`]+)`", lambda m: f"`{m[1].rpartition('.')[2]}`", line)
    line = re.sub(r":\w+:`([^`]+)`", r"`\1`", line)
    return line.replace("``", "`")


if __name__ == "__main__":
    main()
