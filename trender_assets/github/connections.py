"""Connections to GitHub, kept in several small pools.

Define here how connections are pooled. httpx looks at every connection of a pool for every
request: forty in one pool cost four times the processor time of eight pools with five. What goes
over them belongs to `wire`.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from types import TracebackType

import httpx

PER_POOL = 5


class Connections(httpx.AsyncBaseTransport):
    """Sends each request through the pool with the fewest requests under way.

    Args:
        most: The most connections in all.
        is_encrypted: Whether certificates are needed; loading the machine's takes 40 ms.
    """

    def __init__(self, most: int, *, is_encrypted: bool) -> None:
        context: ssl.SSLContext | bool = httpx.create_ssl_context() if is_encrypted else False
        limits = httpx.Limits(max_connections=PER_POOL, max_keepalive_connections=PER_POOL)
        self._pools = [
            httpx.AsyncHTTPTransport(verify=context, limits=limits)
            for _ in range(-(-most // PER_POOL))
        ]
        self._busy = [0] * len(self._pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the pool counts as busy until the body is closed."""
        index = min(range(len(self._busy)), key=self._busy.__getitem__)
        self._busy[index] += 1
        try:
            response = await self._pools[index].handle_async_request(request)
        except BaseException:
            self._busy[index] -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Counted(response.stream, self._busy, index)
        return response

    async def aclose(self) -> None:
        """Close every pool."""
        for pool in self._pools:
            await pool.aclose()

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()


class _Counted(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, busy: list[int], index: int) -> None:
        self._inner, self._busy, self._index = inner, busy, index
        self._is_open = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._inner.__aiter__()

    async def aclose(self) -> None:
        if self._is_open:
            self._is_open = False
            self._busy[self._index] -= 1
        await self._inner.aclose()
