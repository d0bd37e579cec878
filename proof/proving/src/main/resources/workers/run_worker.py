"""Runs the client's worker: run_worker.py pull BROKER | run_worker.py push BROKER PORT DRAIN_FILE"""

import logging
import sys

from taskbroker_client.worker.worker import PushTaskWorker, TaskWorker

APP = "proving_app:app"
CHILDREN = 4


def worker(mode, broker, port=None, drain_file=None):
    match mode:
        case "pull":
            return TaskWorker(APP, broker_hosts=[broker], concurrency=CHILDREN)
        case "push":
            return PushTaskWorker(
                APP,
                broker_service=broker,
                concurrency=CHILDREN,
                grpc_port=int(port),
                push_task_timeout=1,
                drain_file_path=drain_file,
            )


if __name__ == "__main__":  # its children are started from this file, too
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    sys.exit(worker(*sys.argv[1:]).start())
