"""For the tests of programs that send or run tasks: neither Kafka nor a broker is needed."""

from taskbroker.testing.broker import Ended, InMemoryBroker, SentCall, SentCalls
from taskbroker.testing.serve import InMemoryServer

__all__ = ["Ended", "InMemoryBroker", "InMemoryServer", "SentCall", "SentCalls"]
