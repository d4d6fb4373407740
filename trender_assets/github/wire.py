"""One request on the wire: sent, read within limits, parsed; whatever happens becomes an Exchange.

Define here how bytes become a body: size caps, compression, time limits, JSON. What an answer
means belongs to `decide`, when to send to `budget`.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx

from trender_assets.github.decide import Exchange

CONNECT_SECONDS = 3.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 60.0
BODY_LIMIT = 5_000_000
_INFLATE_STEP = 65_536
LATENESS_TICK_SECONDS = 0.02
# httpx looks at every connection of a pool for every request: forty in one pool cost four times
# the processor time of eight pools with five.
PER_POOL = 5


class Oversized(Exception):
    """A body is larger than the cap once decoded."""


@dataclass(frozen=True)
class Raw:
    """An exchange with the bytes it was read from.

    Attributes:
        exchange: The answer.
        content: Its decoded bytes; of a body that was given up, what had been read of it.
        seconds: What the server computed: its own figure where a header gives one, or time on the
            wire, without the transfers and without this process's own lateness.
    """

    exchange: Exchange
    content: bytes = b""
    seconds: float = 0.0


def timeouts() -> httpx.Timeout:
    """Connect 3 s, each read 20 s; the whole request is bounded by `TOTAL_SECONDS`."""
    return httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)


async def exchange(
    http: httpx.AsyncClient,
    request: httpx.Request,
    *,
    is_graphql: bool,
    limit: int = BODY_LIMIT,
    total: float = TOTAL_SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
    lateness: Callable[[], float] = lambda: 0.0,
) -> Raw:
    """Send a request and read its answer; never raises for what a server or network does.

    Args:
        http: The connection pool; it must not follow redirects.
        request: The request.
        is_graphql: Whether it is a GraphQL query.
        limit: The most bytes of decoded body.
        total: The most seconds for all of it.
        monotonic: The clock that response times are taken from.
        lateness: Seconds this process's event loop has been late in all.
    """
    status: int = 0
    headers: dict[str, str] = {}
    wire = WireTime(monotonic, lateness)
    request.extensions = {**request.extensions, "trace": wire.trace}
    content = bytearray()
    unreached: str | None = None
    try:
        async with asyncio.timeout(total):
            try:
                response = await http.send(request, stream=True, follow_redirects=False)
            finally:
                wire.answer()
            try:
                status = response.status_code
                headers = {name.lower(): value for name, value in response.headers.items()}
                await _read(response, limit, content)
            finally:
                await response.aclose()
    except httpx.ConnectTimeout:
        unreached = f"no answer within {CONNECT_SECONDS:.0f} s"
        body, problem = None, "connection: ConnectTimeout"
    except (TimeoutError, httpx.TimeoutException):
        body, problem = None, "timeout"
    except Oversized:
        body, problem = None, "oversized"
    except zlib.error:
        body, problem = None, "malformed: bad compression"
    except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
        if isinstance(error, httpx.ConnectError):
            unreached = cause_of(error)
        body, problem = None, f"connection: {type(error).__name__}"
    else:
        body, problem = parse(status, headers, bytes(content))
    exchanged = Exchange(status, headers, body, problem, is_graphql, unreached)
    own = computed_seconds(headers)
    return Raw(exchanged, bytes(content), wire.seconds if own is None else own)


def computed_seconds(headers: Mapping[str, str]) -> float | None:
    """What the server says that it computed, as GitHub did for years; None when it says nothing."""
    try:
        seconds = float(headers["x-runtime-rack"])
    except (KeyError, ValueError):
        return None
    return seconds if 0 <= seconds < math.inf else None


class WireTime:
    """How long a server took: from the last byte sent to the first byte received.

    What this process was late meanwhile is taken off: a busy machine is not GitHub's work.

    Args:
        monotonic: The clock.
        lateness: Seconds this process's event loop has been late in all.
    """

    def __init__(
        self, monotonic: Callable[[], float], lateness: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._monotonic = monotonic
        self._lateness = lateness
        self._sent = self._mark()
        self._answered: tuple[float, float] | None = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Listen to what httpcore says of a request."""
        if event.endswith("send_request_body.complete"):
            self._sent = self._mark()
        elif event.endswith("receive_response_headers.complete"):
            self._answered = self._mark()

    def answer(self) -> None:
        """The headers are here, or will never be; transports in memory say so only here."""
        self._answered = self._answered or self._mark()

    @property
    def seconds(self) -> float:
        """The time on the wire, less our own lateness."""
        moment, late = self._answered or self._mark()
        return max(moment - self._sent[0] - (late - self._sent[1]), 0.0)

    def _mark(self) -> tuple[float, float]:
        return self._monotonic(), self._lateness()


class LoopLateness:
    """How late this process's event loop has woken up in all, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._watching: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Begin to measure; further calls change nothing."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Measure no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            due = time.monotonic() + LATENESS_TICK_SECONDS
            await asyncio.sleep(LATENESS_TICK_SECONDS)
            self.seconds += max(time.monotonic() - due, 0.0)


def cause_of(error: BaseException) -> str:
    """What kept a connection from coming about: the innermost cause, in the system's words."""
    cause: BaseException = error
    while inner := cause.__cause__ or cause.__context__:
        cause = inner
    number = cause.errno if isinstance(cause, OSError) else None
    if number is not None and number > 0 and not isinstance(cause, ssl.SSLError):
        text = os.strerror(number)  # asyncio's own words hold addresses, not the cause
    else:
        text = (cause.strerror if isinstance(cause, OSError) else None) or str(cause)
    return " ".join((text or type(cause).__name__).split())[:200]


def is_unreadable(problem: str | None) -> bool:
    """Whether an answer came and could not be read, rather than failing to come."""
    return problem is not None and problem.startswith(("malformed", "oversized"))


def parse(status: int, headers: dict[str, str], content: bytes) -> tuple[Any, str | None]:
    """The JSON body of an answer, and why a successful answer has none.

    An error's body that is no JSON is kept as text, for its message.
    """
    is_success = 200 <= status < 300
    if status in (204, 304) or (status == 202 and not content.strip()):
        return None, None
    if not content.strip():
        return None, "malformed: empty body" if is_success else None
    try:
        return _JSON.decode(content.decode("utf-8-sig")), None
    except (ValueError, RecursionError):
        kind = headers.get("content-type", "no content type").split(";")[0]
        text = content[:2000].decode(errors="replace")
        return text, f"malformed: not JSON ({kind})" if is_success else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse)


async def _read(response: httpx.Response, limit: int, content: bytearray) -> None:
    """Add the decoded body to `content`, so that a body that breaks off leaves what it was."""
    if response.is_stream_consumed:  # a transport that answers from memory
        content += response.content
        if len(content) > limit:
            raise Oversized
        return
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("gzip", "deflate"):
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > limit:
                raise Oversized
        if encoding not in ("", "identity"):
            raise zlib.error(f"unasked encoding {encoding[:20]}")
        return
    # Inflated by hand in bounded steps: a chunk of 64 KB can hold 64 MB.
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
    async for chunk in response.aiter_raw():
        while chunk:
            try:
                content += inflate.decompress(chunk, _INFLATE_STEP)
            except zlib.error:
                content += b"" if content else chunk  # it was never compressed
                raise
            if len(content) > limit:
                raise Oversized
            chunk = inflate.unconsumed_tail
    content += inflate.flush(_INFLATE_STEP)
    if not inflate.eof:
        raise zlib.error("truncated")


def is_same_origin(url: str, base: str) -> bool:
    """Whether `url` goes to the very server of `base`, so that the token may go with it."""
    try:
        asked, ours = httpx.URL(url), httpx.URL(base)
    except httpx.InvalidURL:
        return False
    is_ours = (asked.scheme, asked.host, asked.port) == (ours.scheme, ours.host, ours.port)
    return is_ours and "@" not in urlsplit(url).netloc


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
