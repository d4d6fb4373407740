"""What every answer carries: the browser's rules, a request id, HEAD for every GET.

Define here a header that belongs to all answers, errors and static files included. What a page
contains, and how long it may be kept, is decided where the page is made.
"""

from __future__ import annotations

import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
EMBED_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors *"
)
SVG_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
MACHINE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
MAX_TARGET = 4096
OPEN_TYPES = (
    "application/json", "application/problem+json", "text/csv", "application/atom+xml",
    "application/feed+json", "image/", "text/markdown",
)  # fmt: skip


class HeadersMiddleware:
    """Outermost: adds the headers, answers HEAD, refuses addresses that are none."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        head = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET"} if head else scope
        inner.setdefault("state", {})["request_id"] = request_id = uuid.uuid4().hex[:12]

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                self._dress(headers, scope, request_id)
                spent = (time.perf_counter() - started) * 1000
                parts = headers.get("server-timing")
                headers["Server-Timing"] = f"{parts + ', ' if parts else ''}total;dur={spent:.1f}"
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(inner, receive, dressed)

    def _dress(self, headers: MutableHeaders, scope: Scope, request_id: str) -> None:
        kind = headers.get("content-type", "")
        is_embed = scope["path"].startswith("/embed/") and kind.startswith("text/html")
        if kind.startswith("image/svg+xml"):
            policy = SVG_POLICY
        elif kind.startswith("text/html"):
            policy = EMBED_POLICY if is_embed else PAGE_POLICY
        else:
            policy = MACHINE_POLICY
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["X-Request-Id"] = request_id
        if not is_embed:
            headers["X-Frame-Options"] = "DENY"
        is_open = is_embed or kind.startswith(OPEN_TYPES)
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_open else "same-origin"
        if is_open and not is_embed:
            headers["Access-Control-Allow-Origin"] = "*"
        if self._is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def is_plain_target(scope: Scope) -> bool:
    """Whether path and query are of sane length and free of control characters."""
    path: str = scope["path"]
    length = len(scope.get("raw_path") or path.encode()) + len(scope.get("query_string", b""))
    return length <= MAX_TARGET and path.isprintable() and "\\" not in path
