"""One request on the wire: sent, read within limits, parsed; whatever happens becomes an Exchange.

Define here how bytes become a body: size caps, compression, time limits, JSON. What an answer
means belongs to `decide`, when to send to `budget`.
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx

from trender_assets.github.decide import Exchange

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 60.0
BODY_LIMIT = 5_000_000
_INFLATE_STEP = 65_536


class Oversized(Exception):
    """A body is larger than the cap once decoded."""


@dataclass(frozen=True)
class Raw:
    """An exchange with the bytes it was read from.

    Attributes:
        exchange: The answer.
        content: Its decoded bytes; of a body that was given up, what had been read of it.
        seconds: Response time up to the headers: what the server worked, without the transfer
            and without this process's own delays in reading.
    """

    exchange: Exchange
    content: bytes = b""
    seconds: float = 0.0


def timeouts() -> httpx.Timeout:
    """Connect 5 s, each read 20 s; the whole request is bounded by `TOTAL_SECONDS`."""
    return httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)


async def exchange(
    http: httpx.AsyncClient,
    request: httpx.Request,
    *,
    is_graphql: bool,
    limit: int = BODY_LIMIT,
    total: float = TOTAL_SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
) -> Raw:
    """Send a request and read its answer; never raises for what a server or network does.

    Args:
        http: The connection pool; it must not follow redirects.
        request: The request.
        is_graphql: Whether it is a GraphQL query.
        limit: The most bytes of decoded body.
        total: The most seconds for all of it.
        monotonic: The clock that response times are taken from.
    """
    status: int = 0
    headers: dict[str, str] = {}
    begun = answered = monotonic()
    content = bytearray()
    try:
        async with asyncio.timeout(total):
            try:
                response = await http.send(request, stream=True, follow_redirects=False)
            finally:
                answered = monotonic()
            try:
                status = response.status_code
                headers = {name.lower(): value for name, value in response.headers.items()}
                await _read(response, limit, content)
            finally:
                await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        body, problem = None, "timeout"
    except Oversized:
        body, problem = None, "oversized"
    except zlib.error:
        body, problem = None, "malformed: bad compression"
    except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
        body, problem = None, f"connection: {type(error).__name__}"
    else:
        body, problem = parse(status, headers, bytes(content))
    exchanged = Exchange(status, headers, body, problem, is_graphql)
    return Raw(exchanged, bytes(content), answered - begun)


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
    # Inflated by hand in bounded steps: a chunk of 64 KB can hold 64 MB (A13).
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
