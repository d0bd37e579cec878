"""own_worker.py MODE POOL BROKER CONCURRENCY PREFETCH PORT: our worker with what only it has."""

import logging
import sys

from taskbroker.worker import Worker

if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    mode, pool, broker, concurrency, prefetch, port = sys.argv[1:]
    sys.exit(
        Worker(
            "tasks:app",
            mode=mode,
            listen=f"[::]:{port}",
            pool=pool,
            brokers=broker,
            concurrency=int(concurrency),
            prefetch=int(prefetch),
        ).run()
    )
