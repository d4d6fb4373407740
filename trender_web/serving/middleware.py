"""Between the server and the pages: kept answers first, and something useful without a database.

Define here the order in which an answer is looked for: cache, page, last good page. How entries
are kept belongs to `cache`; what an error looks like to `errors`.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trender_web.answer.errors import Problem, problem_response, stale_banner
from trender_web.answer.headers import is_plain_target
from trender_web.config import WebConfig
from trender_web.data.freshness import state_key
from trender_web.data.store import DataVersion, Store, StoreUnavailable
from trender_web.serving.cache import (
    Entry,
    PageCache,
    accepts_gzip,
    age_of,
    canonical_key,
    matches,
    start_message,
)

UNCACHED_PATHS = ("/health", "/ready", "/static/", "/openapi.json")
MAX_CLIENTS = 10_000


class Versions:
    """The data version, asked at most once per `version_seconds` by whoever comes first."""

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._known: DataVersion | None = None
        self._error: StoreUnavailable | None = None
        self._asked = float("-inf")
        self._lock = asyncio.Lock()

    async def current(self) -> DataVersion:
        """The present version.

        Raises:
            StoreUnavailable: When the database could not be asked.
        """
        if time.monotonic() - self._asked >= self._seconds:
            async with self._lock:
                if time.monotonic() - self._asked >= self._seconds:
                    await self._ask()
        if self._error is not None:
            raise self._error
        assert self._known is not None
        return self._known

    async def _ask(self) -> None:
        try:
            self._known = await asyncio.to_thread(self._store.version)
            self._error = None
        except StoreUnavailable as error:
            self._error = error
        self._asked = time.monotonic()


class UncachedLimit:
    """At most so many answers per minute and client that must be computed; in memory."""

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60
        self._burst = float(per_minute)
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds the client must wait; 0 when it may go on."""
        now = time.monotonic()
        tokens, seen = self._clients.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - seen) * self._rate)
        allowed = tokens >= 1
        self._clients[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._clients) > MAX_CLIENTS:
            self._clients.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate


class ServingMiddleware:
    """Answers from the cache, else asks the pages and keeps what they give."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        config: WebConfig,
        store: Store,
        cache: PageCache,
        parameters: Collection[str],
    ) -> None:
        self._app = app
        self._parameters = parameters
        self._config = config
        self._cache = cache
        self._versions = Versions(store, config.version_seconds)
        self._limit = UncachedLimit(config.uncached_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not is_plain_target(scope):
            problem = Problem(404, "Not found", "There is no such address here.")
            await problem_response(scope, problem)(scope, receive, send)
            return
        path: str = scope["path"]
        if scope["method"] != "GET" or path.startswith(UNCACHED_PATHS):
            await self._quietly(scope, receive, send)
            return
        key = canonical_key(path, scope.get("query_string", b""), self._parameters)
        headers = dict(scope["headers"])
        try:
            version = await self._versions.current()
        except StoreUnavailable as error:
            await self._without_database(scope, receive, send, key, str(error))
            return
        token = f"{version.token} {state_key(version, self._config)}"
        entry = self._cache.get(key, token)
        if entry is None:
            wait = self._limit.wait((scope.get("client") or ("?", 0))[0])
            if wait:
                problem = Problem(
                    429, "Too many requests", "Please wait before asking for new pages.",
                    retry_after=int(wait) + 1,
                )  # fmt: skip
                await problem_response(scope, problem)(scope, receive, send)
                return
            entry = await self._make(scope, receive, send, key, token)
            if entry is None:
                return
        await _send_entry(entry, headers, send)

    async def _quietly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Starlette raises again what its handler has already answered and logged."""
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if not answered:
                raise

    async def _make(
        self, scope: Scope, receive: Receive, send: Send, key: str, token: str
    ) -> Entry | None:
        """Let the page answer; keep a full 200. Returns None when the answer was sent already."""
        start: Message | None = None
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._quietly(scope, receive, collect)
        if start is None:
            raise RuntimeError("a page gave no answer")
        headers: list[tuple[bytes, bytes]] = list(start["headers"])
        names = {name.lower(): value for name, value in headers}
        if start["status"] == 503 and names.get(b"x-database") == b"away":
            reason = names.get(b"x-reason", b"").decode()
            await self._without_database(scope, receive, send, key, reason)
            return None
        body = b"".join(parts)
        if start["status"] == 200 and names.get(b"x-cacheable") == b"1":
            return self._cache.put(key, token, headers, body)
        kept = [pair for pair in headers if pair[0].lower() != b"x-cacheable"]
        await send(start_message(start["status"], kept))
        await send({"type": "http.response.body", "body": body})
        return None

    async def _without_database(
        self, scope: Scope, receive: Receive, send: Send, key: str, reason: str
    ) -> None:
        """503 with the last good page under a banner, or with the age of what was last seen."""
        now = self._config.clock()
        last = self._cache.last_good(key)
        age = age_of(last.made_at if last else self._cache.newest(), now)
        problem = Problem(
            503, "The data can't be reached", reason, retry_after=10,
            extra={"last_good_age_seconds": None if age is None else int(age.total_seconds())},
        )  # fmt: skip
        response: Any = problem_response(scope, problem, last_good=last.made_at if last else None)
        kind = dict(last.headers).get(b"content-type", b"") if last else b""
        if last is not None and kind.startswith(b"text/html"):
            response.body = stale_banner(last.plain(), last.made_at, now, reason)
            response.headers["content-length"] = str(len(response.body))
        if age is not None:
            response.headers["X-Last-Good-Age"] = str(int(age.total_seconds()))
        await response(scope, receive, send)


async def _send_entry(entry: Entry, request: dict[bytes, bytes], send: Send) -> None:
    headers = [*entry.headers, (b"etag", entry.etag.encode()), (b"vary", b"Accept-Encoding")]
    if matches(request.get(b"if-none-match"), entry.etag):
        await send(start_message(304, [h for h in headers if h[0].lower() != b"content-encoding"]))
        await send({"type": "http.response.body", "body": b""})
        return
    body = entry.body
    if entry.is_compressed and accepts_gzip(request.get(b"accept-encoding")):
        headers.append((b"content-encoding", b"gzip"))
    elif entry.is_compressed:
        body = entry.plain()
    headers.append((b"content-length", str(len(body)).encode()))
    await send(start_message(200, headers))
    await send({"type": "http.response.body", "body": body})
