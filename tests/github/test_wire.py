"""What real sockets can do to a client: bombs, truncation, resets, silence."""

from __future__ import annotations

import asyncio
import gzip
import re
import resource
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from trender_assets.github.answers import Found, Unknown, Unreachable
from trender_assets.github.client import GitHubClient
from trender_assets.github.wire import LoopLateness, WireTime, computed_seconds, exchange, timeouts

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
    """1 MB that inflates to 1 GiB is given up at 5 MB; memory grows by less than 50 MB."""
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
    """A chunked body without an end."""

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
    """Reset mid-body, wrong length, truncated or false gzip: tried again, then unknown."""

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    result = await ask(serve)
    assert isinstance(result, Unknown) and result.reason.startswith(reason)


async def test_a_server_that_drips_is_cut_off() -> None:
    """Slow-loris: a byte now and then does not keep a request alive for ever."""
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


@pytest.mark.parametrize(
    ("url", "host", "cause"),
    [
        ("http://127.0.0.1:9", "127.0.0.1", "Connection refused"),
        ("http://255.255.255.255", "255.255.255.255", "(unreachable|denied|no answer)"),
    ],
)
async def test_a_host_that_cannot_be_reached_is_named_once(url: str, host: str, cause: str) -> None:
    """Every request was tried four times, each spent budget, and the run waited for minutes for a
    search budget that it had spent on connections that never came about."""
    async with GitHubClient(tokens=["t"], api_base_url=url, clock=QuickClock()) as client:
        asked = [client.get(f"/x/{n}", resource="search") for n in range(60)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(result) for result in results} == {Unreachable}
        assert {result.host for result in results if isinstance(result, Unreachable)} == {host}
        assert re.search(cause, str(results[0]))
        report = client.report.as_dict()
        assert report["requests"].get("search", 0) == 0 and report["waited_seconds"] == 0


async def test_an_unknown_name_is_the_cause() -> None:
    """httpx wraps what the resolver said in two exceptions; people need the resolver's words."""

    def unknown(request: httpx.Request) -> httpx.Response:
        try:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        except OSError as error:
            raise httpx.ConnectError("All connection attempts failed") from error

    transport = httpx.MockTransport(unknown)
    async with GitHubClient(tokens=["t"], transport=transport, clock=QuickClock()) as client:
        with pytest.raises(Unreachable, match=r"api.github.com can't be reached: Name or service"):
            await client.verify()


async def test_a_certificate_that_nobody_signed_is_the_cause(tmp_path: Path) -> None:
    """TLS that fails is a host that can't be reached, and the reason says it is the certificate."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
         certificate, "-days", "1", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0,
                                        ssl=context)  # fmt: skip
    port = server.sockets[0].getsockname()[1]
    url = f"https://localhost:{port}"
    async with server, GitHubClient(tokens=["t"], api_base_url=url, clock=QuickClock()) as client:
        with pytest.raises(Unreachable, match="certificate"):
            await client.verify()


def test_our_own_lateness_is_not_the_servers_work() -> None:
    """Response times measured by a busy process were taken for GitHub's computing."""
    moments = iter([0.0, 1.0, 4.0])
    late = iter([0.0, 0.5, 2.5])
    wire = WireTime(lambda: next(moments), lambda: next(late))
    asyncio.run(wire.trace("http11.send_request_body.complete", {}))
    asyncio.run(wire.trace("http11.receive_response_headers.complete", {}))
    wire.answer()
    assert wire.seconds == pytest.approx(1.0)


async def test_lateness_is_seen() -> None:
    lateness = LoopLateness()
    lateness.watch()
    await asyncio.sleep(0.03)
    time.sleep(0.2)  # the loop is blocked
    await asyncio.sleep(0.03)
    lateness.stop()
    assert lateness.seconds > 0.1


@pytest.mark.parametrize(
    ("header", "seconds"), [("0.015669", 0.015669), ("-1", None), ("nan", None), ("soon", None)]
)
def test_the_servers_own_figure_is_believed(header: str, seconds: float | None) -> None:
    """Where a server says what it computed, nothing has to be guessed from times on the wire."""
    assert computed_seconds({"x-runtime-rack": header}) == seconds
    assert computed_seconds({}) is None
