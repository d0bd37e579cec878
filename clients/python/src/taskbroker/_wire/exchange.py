"""Messages and names of the service ``taskbroker.v1.WorkerExchange``, which a broker may offer.

Loaded by workers only, and so apart from the messages that all programs need. The types stand in
``exchange.pyi``.
"""

from google.protobuf import descriptor_pool, message_factory

from taskbroker._wire import _exchange_descriptor

HAND_BACK = "/taskbroker.v1.WorkerExchange/HandBack"
EXCHANGE = "/taskbroker.v1.WorkerExchange/Exchange"

#: Request metadata: how many milliseconds the broker may hold a call.
WAIT_MS = "taskbroker-wait-ms"

#: Trailer: how long it has held the call; its presence says that long poll is offered.
WAITED_MS = "taskbroker-waited-ms"

#: Trailer: the broker is about to stop.
DRAINING = "taskbroker-draining"

#: Trailer: the token of the attempt that the answer begins.
TOKEN = "taskbroker-token"

#: Bytes of a nonce; frames are signed for no other.
NONCE = 32

_pool = descriptor_pool.DescriptorPool()
for _file in _exchange_descriptor.FILES:
    _pool.AddSerializedFile(_file)


def _message(name):
    found = _pool.FindMessageTypeByName(f"taskbroker.v1.{name}")
    return message_factory.GetMessageClass(found)


Attempt = _message("Attempt")
Outcome = _message("Outcome")
Outcomes = _message("Outcomes")
Answer = _message("Answer")
Answers = _message("Answers")
HandBackRequest = _message("HandBackRequest")
SignedFrame = _message("SignedFrame")
WorkerFrame = _message("WorkerFrame")
BrokerFrame = _message("BrokerFrame")
Hello = _message("Hello")
Credit = _message("Credit")
Received = _message("Received")
Draining = _message("Draining")
Cancel = _message("Cancel")
Challenge = _message("Challenge")
Welcome = _message("Welcome")
Held = _message("Held")
HeldAttempt = _message("HeldAttempt")
Task = _message("Task")
Tasks = _message("Tasks")

OUTCOME_STATUS_COMPLETE = 1
OUTCOME_STATUS_FAILURE = 2
OUTCOME_STATUS_RETRY = 3

VERDICT_RECORDED = 1
VERDICT_SUPERSEDED = 4
VERDICT_NOT_NOW = 5

HOLDING_YOURS = 1
HOLDING_OVER = 2
HOLDING_SUPERSEDED = 3


def signed_part(nonce, number, frame):
    """What the signature of a frame is made over: the place of the frame stands before it."""
    return nonce + number.to_bytes(8, "big") + frame
