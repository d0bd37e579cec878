"""worker.py pull|push BROKER CHILDREN PORT: runs a worker of the client that it imports."""

import logging
import sys

from taskbroker_client.worker import PushTaskWorker, TaskWorker

if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    mode, broker, children, port = sys.argv[1:]
    if mode == "pull":
        worker = TaskWorker("tasks:app", [broker], concurrency=int(children))
    else:
        worker = PushTaskWorker("tasks:app", broker, concurrency=int(children), grpc_port=int(port))
    sys.exit(worker.start())
