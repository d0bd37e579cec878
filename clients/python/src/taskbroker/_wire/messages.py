"""The messages of the wire contract, in a descriptor pool of our own.

Another package may have registered the same file name in protobuf's default pool; in a pool of our
own the two do not meet. The types stand in ``messages.pyi``.
"""

from google.protobuf import descriptor_pool, message_factory

from taskbroker._wire import _descriptor

PACKAGE = "sentry_protos.taskbroker.v1"

_pool = descriptor_pool.DescriptorPool()
for _file in _descriptor.FILES:
    _pool.AddSerializedFile(_file)


def _message(name):
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))


RetryState = _message("RetryState")
TaskActivation = _message("TaskActivation")
GetTaskRequest = _message("GetTaskRequest")
GetTaskResponse = _message("GetTaskResponse")
FetchNextTask = _message("FetchNextTask")
SetTaskStatusRequest = _message("SetTaskStatusRequest")
SetTaskStatusResponse = _message("SetTaskStatusResponse")
SetBatchActivationStatusRequest = _message("SetBatchActivationStatusRequest")
SetBatchActivationStatusResponse = _message("SetBatchActivationStatusResponse")
PushTaskRequest = _message("PushTaskRequest")
PushTaskResponse = _message("PushTaskResponse")

ON_ATTEMPTS_EXCEEDED_DISCARD = 1
ON_ATTEMPTS_EXCEEDED_DEADLETTER = 2

TASK_ACTIVATION_STATUS_FAILURE = 3
TASK_ACTIVATION_STATUS_RETRY = 4
TASK_ACTIVATION_STATUS_COMPLETE = 5
