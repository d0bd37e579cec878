"""Works for the application until it is told to stop. BROKER: host:port; CHILDREN: how many."""

import logging
import os
import sys

from taskbroker_client.worker.worker import TaskWorker

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    worker = TaskWorker(
        app_module="shop:app",
        broker_hosts=[os.environ["BROKER"]],
        max_child_task_count=None,
        concurrency=int(os.environ["CHILDREN"]),
    )
    sys.exit(worker.start())
