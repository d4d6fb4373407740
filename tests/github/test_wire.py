"""What real sockets can do to a client: bombs, truncation, resets, silence."""

from __future__ import annotations

import asyncio
import gzip
import resource
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from trender_assets.github.answers import Found, Unknown
from trender_assets.github.client import GitHubClient
from trender_assets.github.wire import exchange, timeouts

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[str]:
    """A server that reads a request and lets `serve` write whatever it likes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await serve(writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        listening.close()


class QuickClock:
    """Real time for durations, no waiting between retries."""

    def time(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


async def ask(serve: Serve):
    async with (
        server(serve) as url,
        GitHubClient(tokens=["t"], api_base_url=url, clock=QuickClock()) as client,
    ):
        return await client.get("/x")


async def test_plain_and_gzip_bodies_are_read() -> None:
    for encoding, packed in (
        (b"", b'{"a": 1}'),
        (b"content-encoding: gzip\r\n", gzip.compress(b'{"a": 1}')),
        (b"content-encoding: deflate\r\n", zlib.compress(b'{"a": 1}')),
    ):

        async def serve(writer: asyncio.StreamWriter, encoding=encoding, packed=packed) -> None:
            writer.write(HEAD + encoding + b"content-length: %d\r\n\r\n" % len(packed) + packed)
            await writer.drain()

        found = await ask(serve)
        assert isinstance(found, Found) and found.value.body == {"a": 1}


async def test_gzip_bomb_stops_at_the_cap() -> None:
    """A13: 1 MB that inflates to 1 GiB is given up at 5 MB; memory grows by less than 50 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = b"\0" * (1 << 20)
    bomb = b"".join(packer.compress(block) for _ in range(1024)) + packer.flush()

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(
            HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb) + bomb
        )
        await writer.drain()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert await ask(serve) == Unknown("oversized")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


async def test_endless_body_stops_at_the_cap() -> None:
    """A13: a chunked body without an end."""

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
            await writer.drain()

    assert await ask(serve) == Unknown("oversized")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (HEAD + b"content-length: 50\r\n\r\n{", "connection"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{", "connection"),
        (b"", "connection"),
        (b"not http at all\r\n\r\n", "connection"),
        (
            HEAD
            + b"content-encoding: gzip\r\ncontent-length: 10\r\n\r\n"
            + gzip.compress(b"{}" * 99)[:10],
            "malformed",
        ),
        (HEAD + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}", "malformed"),
        (HEAD + b"content-encoding: br\r\ncontent-length: 2\r\n\r\n{}", "malformed"),
    ],
)
async def test_broken_transfers_become_unknown(raw: bytes, reason: str) -> None:
    """A11, A12: reset mid-body, wrong length, truncated or false gzip: tried again, then unknown."""

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    result = await ask(serve)
    assert isinstance(result, Unknown) and result.reason.startswith(reason)


async def test_a_server_that_drips_is_cut_off() -> None:
    """A11: slow-loris: a byte now and then does not keep a request alive for ever."""
    import httpx

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with server(serve) as url, httpx.AsyncClient(timeout=timeouts()) as http:
        begun = asyncio.get_running_loop().time()
        raw = await exchange(http, http.build_request("GET", url), is_graphql=False, total=0.4)
        assert raw.exchange.problem == "timeout"
        assert asyncio.get_running_loop().time() - begun < 2


async def test_nobody_listens() -> None:
    """A11: a refused connection, and a name that does not exist."""
    for url in ("http://127.0.0.1:9", "http://nowhere.invalid"):
        async with GitHubClient(tokens=["t"], api_base_url=url, clock=QuickClock()) as client:
            result = await client.get("/x")
        assert isinstance(result, Unknown) and result.reason.startswith("connection")
