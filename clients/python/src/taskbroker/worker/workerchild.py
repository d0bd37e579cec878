"""What programs for taskbroker-client import from here."""

from taskbroker.errors import DeadlineExceeded as ProcessingDeadlineExceeded

__all__ = ["ProcessingDeadlineExceeded"]
