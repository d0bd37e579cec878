"""The trace that is under way where a task is sent, as headers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

#: A caller's header that is not true keeps the trace from the task.
PROPAGATE = "sentry-propagate-traces"


def headers(given: Mapping[str, Any]) -> dict[str, str]:
    """The headers of Sentry's trace; none unless the program has loaded and set up its SDK."""
    sdk = sys.modules.get("sentry_sdk")
    if sdk is None or not given.get(PROPAGATE, True) or not sdk.is_initialized():
        return {}
    return {"sentry-trace": sdk.get_traceparent() or "", "baggage": sdk.get_baggage() or ""}
