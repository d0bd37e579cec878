"""Tasks to a worker that runs with ``--dev`` on this machine, instead of to Kafka."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
from concurrent.futures import Future

from taskbroker.errors import DeliveryError

#: Seconds for a Kafka that may be there, and for the worker's answer.
PATIENCE_S = 0.3
_ANSWER_S = 10.0

_HEAD = struct.Struct("!II")
_LONGEST = 64 * 1024 * 1024
TAKEN = b"\x01"


def folder() -> str:
    """Where the sockets of this user's workers are."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        return os.path.join(runtime, "taskbroker")
    return os.path.join("/tmp", f"taskbroker-{os.getuid()}")


def socket_path(application: str) -> str:
    """The socket of an application's worker; short, whatever its name."""
    return os.path.join(folder(), hashlib.sha256(application.encode()).hexdigest()[:16] + ".sock")


def is_ours(path: str) -> bool:
    """Returns true for a socket in a folder that only this user can write to."""
    try:
        above = os.lstat(os.path.dirname(path))
        found = os.lstat(path)
    except OSError:
        return False
    is_private = above.st_uid == os.getuid() and not above.st_mode & 0o022
    return is_private and stat.S_ISSOCK(found.st_mode) and found.st_uid == os.getuid()


def is_reachable(servers: str) -> bool:
    """Returns true if a connection to one of these addresses can be made."""
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S):
                return True
        except (OSError, ValueError):
            continue
    return False


class DevTransport:
    """Hands each task over a socket, and has the worker's word when ``send`` returns."""

    def __init__(self, path: str) -> None:
        self._path = path

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        try:
            with socket.socket(socket.AF_UNIX) as to:
                to.settimeout(_ANSWER_S)
                to.connect(self._path)
                to.sendall(_HEAD.pack(len(topic.encode()), len(value)) + topic.encode() + value)
                answer = to.recv(1)
        except OSError as e:
            raise DeliveryError(f"the worker that runs with --dev has gone: {e}") from None
        if answer != TAKEN:
            raise DeliveryError("the worker that runs with --dev has not taken the task")
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def flush(self, timeout: float) -> int:
        return 0


def read_frame(connection: socket.socket) -> tuple[str, bytes] | None:
    """The topic and the task that one client has sent; None if it has sent nothing whole."""
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    topic_size, size = _HEAD.unpack(head)
    if topic_size + size > _LONGEST:
        return None
    topic = _exactly(connection, topic_size)
    value = _exactly(connection, size)
    return None if topic is None or value is None else (topic.decode(), value)


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        part = connection.recv(min(size - len(data), 1 << 20))
        if not part:
            return None
        data += part
    return bytes(data)
