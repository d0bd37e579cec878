"""The words of the command line: what there is, how it is read, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """A word of a command: "--name" for an option, "NAME" for a word by its place."""

    name: str
    help: str
    type: Callable[[str], object] = str
    choices: tuple[str, ...] = ()
    default: str | None = None
    is_flag: bool = False
    optional: bool = False
    many: bool = False
    has_variable: bool = True

    @property
    def is_positional(self) -> bool:
        return not self.name.startswith("--")

    @property
    def attribute(self) -> str:
        """What the value is called once it has been read."""
        return self.name.lstrip("-").replace("-", "_").lower()

    @property
    def variable(self) -> str | None:
        """The environment variable that says the same."""
        if not self.has_variable or self.many:
            return None
        return "TASKBROKER_" + self.attribute.upper()

    @property
    def shown(self) -> str | None:
        if self.choices:
            return None
        return "N" if self.type is int else self.name.lstrip("-").upper()


@dataclass(frozen=True)
class Command:
    """A command, and the module of this package that runs it."""

    name: str
    help: str
    module: str
    options: tuple[Option, ...]


def _word(name: str, help: str, *, optional: bool = False, default: str | None = None) -> Option:
    return Option(name, help, optional=optional, default=default, has_variable=False)


APP = Option("APP", "the app as module:attribute, for example shop:app")
BROKERS = Option("--brokers", "addresses host:port of brokers, with commas")
KAFKA = Option("--kafka", "addresses host:port of Kafka, with commas; the app's own otherwise")
SECRETS = Option("--secrets", 'the JSON list of secrets that calls are signed with: ["…"]')
TLS = (
    Option("--tls-ca", "calls brokers over TLS: a PEM file with their authorities, or system"),
    Option("--tls-certificate", "a PEM file with the certificate that the worker shows"),
    Option("--tls-key", "a PEM file with the key of --tls-certificate"),
)
LOG = Option("--log", "the form of log lines", choices=("text", "json"), default="text")
LOG_LEVEL = Option("--log-level", "the lowest level that is shown", default="INFO")
STORE = Option(
    "--store", "where last runs are kept: kafka, memory, or redis://host:port/0", default="kafka"
)

WORKER = (
    APP,
    BROKERS,
    SECRETS,
    *TLS,
    Option(
        "--pool",
        "where tasks run; auto: coroutines on an event loop, functions in processes",
        choices=("auto", "processes", "threads", "async"),
        default="auto",
    ),
    Option("--concurrency", "tasks at once: as many processes as CPUs, 16 threads or 100", int),
    Option("--prefetch", "tasks to hold beyond those that run", int, default="0"),
    Option("--start-method", "how children are made", choices=("fork", "spawn"), default="fork"),
    Option("--max-tasks", "a child is replaced after so many tasks", int),
    Option("--max-rss", "a child is replaced when it holds more memory, for example 500M"),
    Option("--max-age", "a child is replaced when it is so old, for example 1h"),
    Option("--stop-timeout", "how long running tasks may take after SIGTERM", default="25s"),
    Option("--health-file", "a file that is touched while the worker is alive"),
    Option("--health-interval", "the time between two touches", default="1s"),
    Option("--http", "serves /live, /ready and /metrics at this port or host:port"),
    Option("--statsd", "host:port of a DogStatsD server that is told all numbers"),
    Option("--processing-pool", "the tag processing_pool of all numbers", default="unknown"),
    LOG,
    LOG_LEVEL,
)

RUN = (
    *WORKER,
    Option("--namespace", "fetch tasks of this namespace only"),
    Option("--max-wait", "how long a broker is asked to wait for a task", default="30s"),
    Option("--with-scheduler", "runs a scheduler beside the worker", is_flag=True),
    STORE,
    Option(
        "--dev",
        "with neither Kafka nor broker, and again after each change of a file",
        is_flag=True,
        has_variable=False,
    ),
)

PUSH = (
    *WORKER,
    Option("--listen", "host:port to serve", default="[::]:50052"),
    Option("--tls-client-ca", "brokers must show a certificate of an authority in this PEM file"),
    Option("--max-message-bytes", "the largest task that is taken", int, default="10485760"),
)

COMMANDS = (
    Command("run", "Runs tasks: fetches them from brokers.", "work", RUN),
    Command("push", "Runs tasks: serves brokers that send them.", "work", PUSH),
    Command(
        "scheduler",
        "Sends tasks by the clock. Of several schedulers one runs each occurrence.",
        "schedule",
        (APP, STORE, KAFKA, LOG, LOG_LEVEL),
    ),
    Command(
        "send",
        "Sends one task and waits for Kafka's word.",
        "send",
        (
            APP,
            _word("TASK", "namespace:task or namespace.task"),
            _word("ARGS", "a JSON list of arguments", optional=True, default="[]"),
            Option("--kwargs", "a JSON object of named arguments", has_variable=False),
            Option("--countdown", "wait before it runs, for example 5m", has_variable=False),
            Option("--expires", "drop it if it has not begun by then", has_variable=False),
            Option("--key", "tasks of one key go to one partition", has_variable=False),
            Option("--header", "NAME=VALUE; may be given several times", many=True),
        ),
    ),
    Command("tasks", "Shows what the app defines.", "show", (APP,)),
    Command(
        "check",
        "Looks for what would go wrong: names, annotations, schedules, secrets, Kafka, brokers.",
        "check",
        (
            APP,
            BROKERS,
            SECRETS,
            *TLS,
            KAFKA,
            Option("--push", "for workers that brokers send tasks to", is_flag=True),
        ),
    ),
    Command(
        "health",
        "Fails if a worker is not alive: its health file, or its page at http://….",
        "health",
        (
            _word("PROBE", "the file, or the URL"),
            Option("--max-age", "the oldest that the file may be", default="30s"),
        ),
    ),
    Command(
        "drain",
        "Marks this worker as leaving and waits, before the stop of a pod.",
        "health",
        (
            _word("SECONDS", "how long to wait"),
            Option("--file", "the mark", default="/tmp/taskworker-draining", has_variable=False),
        ),
    ),
    Command(
        "decode",
        "Shows a task's record as JSON.",
        "show",
        (_word("FILE", "a file with its bytes, - for standard input", default="-", optional=True),),
    ),
)
