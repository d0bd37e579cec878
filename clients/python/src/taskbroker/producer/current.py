"""The transport that stands in for all others, in tests."""

from __future__ import annotations

from contextvars import ContextVar

from taskbroker.producer.port import Transport

#: Set by test kits. Belongs to the context, so that tests which run side by side do not meet.
override: ContextVar[Transport | None] = ContextVar("taskbroker_transport", default=None)
