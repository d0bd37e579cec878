"""The worker's pages over HTTP: ``/live``, ``/ready``, ``/metrics``."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

#: Seconds that a request may take to arrive.
REQUEST_TIMEOUT = 5.0

Page = Callable[[], tuple[bool, str]]
"""Returns whether all is well, and the text to show."""


class Pages:
    """A small HTTP/1.1 server: answers GET, closes the connection, and knows nothing more."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Serves and returns the port. Raises ``OSError`` if the address cannot be had."""
        self._server = await asyncio.start_server(self._serve, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(REQUEST_TIMEOUT):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.split(b"\r\n", 1)[0].decode("latin-1")))
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _answer(self, line: str) -> bytes:
        method, _, rest = line.partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        page = self._pages.get(path)
        if method not in ("GET", "HEAD"):
            status, text = "405 Method Not Allowed", "only GET is answered\n"
        elif page is None:
            status, text = "404 Not Found", f"there are {', '.join(self._pages)}\n"
        else:
            well, text = page()
            status = "200 OK" if well else "503 Service Unavailable"
        body = text.encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + (b"" if method == "HEAD" else body)
