"""How long and how much one client may keep of the server: slow, endless and idle connections.

uvicorn waits for ever for the end of a request's head and for a client to read its answer, counts
idle connections against its limit, and bounds a head's size in only one of its two parsers. Define
here what a connection is ended for. How often a client may ask belongs to `serving`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    FastestProtocol = H11Protocol
else:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as FastestProtocol
    except ImportError:
        FastestProtocol = H11Protocol

TOO_LONG = "414 URI Too Long"
TOO_LARGE = "431 Request Header Fields Too Large"


class BoundedProtocol(FastestProtocol):
    """One connection that is ended when it takes too long, sends too much or others need room.

    Attributes:
        head_seconds: How long the head of a request may take to arrive.
        answer_seconds: How long an answer may take, the client's reading of it included.
        linger_seconds: How long a refused client may read why.
        max_head_bytes: How large the head of a request may be.
        max_head_lines: How many lines it may have.
        max_connections: How many there may be before the longest idle one is ended.
    """

    head_seconds = 10.0
    answer_seconds = 60.0
    linger_seconds = 2.0
    max_head_bytes = 32_768
    max_head_lines = 200
    max_connections = 400

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._head_bytes = 0
        self._head_lines = 0
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; make room when there are too many."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._end_after(self.head_seconds)
        if len(self.connections) > self.max_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._end_never()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head, and hand on what is within bounds."""
        if self._is_refused:
            return
        was_idle = self.is_idle
        if was_idle:
            if self._deadline is None:
                self._end_after(self.head_seconds)
            self._head_bytes += len(data)
            self._head_lines += data.count(b"\n")
            if self._head_bytes > self.max_head_bytes or self._head_lines > self.max_head_lines:
                self._refuse()
                return
        super().data_received(data)
        if was_idle and not self.is_idle:
            self._head_bytes = self._head_lines = 0
            self._end_after(self.answer_seconds)

    def on_response_complete(self) -> None:
        """Wait for the next request; uvicorn itself ends a connection that stays silent."""
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if self.is_idle:
            self._end_never()
        else:
            self._end_after(self.answer_seconds)

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        """End the connection that has been idle longest; one that is being answered never is."""
        # The newcomer is left out: uvloop's clock gives a burst of them one and the same time.
        idle = [
            one
            for one in self.connections
            if isinstance(one, BoundedProtocol) and one.is_idle and one is not self
        ]
        longest = min(idle, key=lambda one: one._idle_since, default=None)
        if longest is not None:
            # It counts until the loop has closed it, which may be after the next request.
            self.connections.discard(longest)
            longest.transport.abort()

    def _refuse(self) -> None:
        """Say why, and let the client read it before the connection ends."""
        self._is_refused = True
        status = TOO_LARGE if self._head_lines else TOO_LONG
        body = f"{status[4:]}\n".encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self._end_after(self.linger_seconds)

    def _end_after(self, seconds: float) -> None:
        self._end_never()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _end_never(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
