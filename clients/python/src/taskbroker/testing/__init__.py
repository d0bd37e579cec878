"""For the tests of programs that send or run tasks: neither Kafka nor a broker is needed."""

from taskbroker.testing.broker import Ended, InMemoryBroker, SentCall, SentCalls

__all__ = ["Ended", "InMemoryBroker", "SentCall", "SentCalls"]
