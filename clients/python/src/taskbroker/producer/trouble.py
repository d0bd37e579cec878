"""What librdkafka says of its connections, as few lines of our log that say what to do."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from taskbroker.seldom import Seldom

LOG = logging.getLogger("taskbroker.producer")

#: Kinds of librdkafka's lines that repeat what it tells by its error callback.
_TOLD_BY_CALLBACK = ("FAIL", "ERROR")

#: A Kafka that has just started says this for a moment, and librdkafka asks again.
_STARTS = "Coordinator load in progress"

#: Errors of one connection, by librdkafka's names: others may stand.
_OF_ONE = ("_TRANSPORT", "_RESOLVE", "_TIMED_OUT")

#: Errors that no other connection makes good.
_REFUSALS = ("_AUTHENTICATION", "_SSL")

#: In the text of an error: the connection stood, and was closed. Brokers do so with idle ones.
_STOOD = "in state UP"

#: In the text of an error: what listens there has not answered the first request as Kafka does.
_NOT_KAFKAS = "in state APIVERSION_QUERY"

#: Seconds that what listens at an address has for its first answer. librdkafka's own 10 s are as
#: long as a program waits at its end, which then could not say why.
FIRST_ANSWER = 5.0

_THREAD = re.compile(r"^\[thrd:.*?\]: ")
_STATE = re.compile(r" \((?:after|in state) .*\)$")


class Reasons:
    """Hears why one client of librdkafka has no connection, and says nothing.

    Its :meth:`settings` make the client tell it, in whatever thread calls the client's ``poll``.
    """

    def __init__(self) -> None:
        self._reason = ""

    def settings(self, first_answer: float | None = None) -> dict[str, Any]:
        """The settings. ``first_answer`` stands for :data:`FIRST_ANSWER`."""
        return {
            "error_cb": self.failed,
            "logger": self,
            "api.version.request.timeout.ms": int((first_answer or FIRST_ANSWER) * 1000),
        }

    @property
    def reason(self) -> str:
        """Why a connection could not be made; empty if the last one was."""
        return self._reason

    def failed(self, error: Any) -> None:
        """Hears an error that belongs to no single message."""
        if error.name() in _OF_ONE or error.name() in _REFUSALS:
            self._reason = _plain(error.str())

    def log(self, level: int, text: str, *args: Any) -> None:
        """Takes a line of librdkafka, as a logger does; its first argument is the line's kind.

        Where the first request gets no answer, librdkafka has a line and no error.
        """
        if args and args[0] == "FAIL" and _NOT_KAFKAS in str(args[-1]):
            self._reason = _plain(_THREAD.sub("", str(args[-1])))


class Trouble(Reasons):
    """Says what librdkafka would say in a line for each of its attempts."""

    def __init__(self, servers: str, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._servers = servers
        self._seldom = Seldom(now)
        self._all_down = False
        self._starts = False

    def failed(self, error: Any) -> None:
        name, text = error.name(), error.str()
        if name == "_ALL_BROKERS_DOWN":
            self._all_down = True
        elif name in _OF_ONE or name in _REFUSALS or _NOT_KAFKAS in text:
            if _STOOD in text:
                self.well()
                return
            self._reason = _plain(text)
        else:
            LOG.error("Kafka's client for %s: %s, %s", self._servers, name, text)
            return
        if self._reason and (self._all_down or name in _REFUSALS):
            self._say()

    def well(self) -> None:
        """A connection stands, or stood until now."""
        self._reason = ""
        self._all_down = False

    def has_said_that_it_starts(self) -> bool:
        """Returns true if Kafka has said so since the last question."""
        said, self._starts = self._starts, False
        return said

    def refused(self, topic: str, reason: str) -> None:
        """Kafka will not have a task. Whoever has sent it may never ask."""
        more = self._seldom.may_say(("refused", topic))
        if more is None:
            return
        counted = f" ({more} more in the last minute)" if more else ""
        LOG.error(
            "a task for topic %s is lost: Kafka at %s has not taken it: %s%s",
            topic,
            self._servers,
            reason,
            counted,
        )

    def _say(self) -> None:
        if self._seldom.may_say("away") is None:
            return
        LOG.error(
            "Kafka at %s cannot be used: %s. Is it running, and is the address right (kafka=… of"
            " the App, or TASKBROKER_KAFKA)? Tries go on. To do without Kafka, start the worker"
            " with --dev",
            self._servers,
            self._reason,
        )

    def log(self, level: int, text: str, *args: Any) -> None:
        super().log(level, text, *args)
        if self._reason and self._all_down:
            self._say()
        is_told = args[:1] and (args[0] in _TOLD_BY_CALLBACK or self._is_repeated(args[0]))
        starts = any(_STARTS in str(arg) for arg in args)
        self._starts = self._starts or starts
        LOG.log(logging.DEBUG if is_told or starts else level, text, *args)

    def _is_repeated(self, kind: str) -> bool:
        """Requests time out with the connection, of which the reason is told."""
        return kind == "REQTMOUT" and self._reason != ""


def _plain(text: str) -> str:
    """Without the name of the connection, and how long it took."""
    name, found, rest = text.partition(": ")
    if _NOT_KAFKAS in text:
        return _not_kafkas(name.rpartition("://")[2].rpartition("/")[0], rest)
    return _STATE.sub("", rest if found else text)


def _not_kafkas(address: str, error: str) -> str:
    if error.startswith("Disconnected"):
        does = "hangs up without a word: it is no Kafka, or one that wants TLS"
    elif "Timed out" in error:
        does = "says nothing: it is no Kafka, or one that hangs"
    else:
        does = "answers in another protocol: it is no Kafka, or one that wants TLS"
    return f"what listens at {address} {does}"
