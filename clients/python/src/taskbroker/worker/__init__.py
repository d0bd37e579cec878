"""Runs tasks: fetches them from brokers, or is sent them, and reports what has become of them."""

from taskbroker.worker.main import Worker
from taskbroker.worker.options import Options, WorkerOptions
from taskbroker.worker.stop import Stopped
from taskbroker.worker.worker import PushTaskWorker, TaskWorker

__all__ = ["Options", "PushTaskWorker", "Stopped", "TaskWorker", "Worker", "WorkerOptions"]
