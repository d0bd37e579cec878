"""gRPC alone: what a call takes that does nothing, where it is made and where it is answered.

A program as well: "floor.py make ADDRESS" makes calls as a worker of 100 coroutines does, and
"floor.py answer PORT" answers them as a worker does that tasks are pushed to.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import processes

PATIENCE_S = 120
SERVICE, METHOD = "bench.Floor", "Call"
PATH = f"/{SERVICE}/{METHOD}"
BODY = bytes(150)  # as large as a small task
SIGNED = (("sentry-signature", "0" * 64),)
WARM = 200


class Empty:
    """Answers every call, and counts them."""

    def __init__(self) -> None:
        self.calls = 0

    def answer(self, body: bytes, context: Any) -> bytes:
        self.calls += 1
        return body


def serve(handler: Empty, port: int) -> tuple[Any, int]:
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
    method = grpc.unary_unary_rpc_method_handler(handler.answer)
    server.add_registered_method_handlers(SERVICE, {METHOD: method})
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


def made(calls: int) -> float:
    """Microseconds of CPU for each call, of the program that makes them on an event loop."""
    handler = Empty()
    server, port = serve(handler, 0)
    program = _start("make", f"127.0.0.1:{port}")
    try:
        return _cost(program.pid, lambda: handler.calls, calls)
    finally:
        program.kill()
        program.wait()
        server.stop(None)


def answered(calls: int) -> float:
    """Microseconds of CPU for each call, of the program that answers them in threads; four are
    under way."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = _start("answer", str(port))
    closed = threading.Event()
    counts = [0] * 4
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(PATIENCE_S)
            call = channel.unary_unary(PATH)

            def make(number: int) -> None:
                while not closed.is_set():
                    call(BODY, metadata=SIGNED, timeout=PATIENCE_S)
                    counts[number] += 1

            makers = [threading.Thread(target=make, args=(n,)) for n in range(len(counts))]
            for maker in makers:
                maker.start()
            try:
                return _cost(program.pid, lambda: sum(counts), calls)
            finally:
                closed.set()
                for maker in makers:
                    maker.join()
    finally:
        program.kill()
        program.wait()


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, *words], start_new_session=True)


def _cost(pid: int, count: Callable[[], int], calls: int) -> float:
    _until(lambda: count() >= WARM)
    begun, at = processes.cpu(pid), count()
    _until(lambda: count() >= calls)
    return (processes.cpu(pid) - begun) * 1e6 / (count() - at)


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"bench clients: waited {PATIENCE_S} s for calls of gRPC alone")
        time.sleep(0.002)


async def _make(address: str) -> None:
    import grpc.aio

    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_unary(PATH)

        async def again() -> None:
            while True:
                await call(BODY, timeout=PATIENCE_S)

        await asyncio.gather(*(again() for _ in range(100)))


if __name__ == "__main__":
    what, where = sys.argv[1:]
    if what == "make":
        asyncio.run(_make(where))
    else:
        serve(Empty(), int(where))[0].wait_for_termination()
