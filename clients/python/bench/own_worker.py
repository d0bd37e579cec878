"""own_worker.py POOL BROKER CONCURRENCY PREFETCH: runs our worker with what only it has."""

import logging
import sys

from taskbroker.worker import Worker

if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    pool, broker, concurrency, prefetch = sys.argv[1:]
    sys.exit(
        Worker(
            "tasks:app",
            pool=pool,
            brokers=broker,
            concurrency=int(concurrency),
            prefetch=int(prefetch),
        ).run()
    )
