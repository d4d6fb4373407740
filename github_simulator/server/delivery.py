"""Bytes and headers of an answer.

Define a header that every answer carries here. Scripted damage to the bytes is
described by `faults`.
"""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from starlette.responses import Response

from github_simulator.server.faults import Wire
from github_simulator.server.limits import Budget, Resource
from github_simulator.server.replies import Reply
from github_simulator.server.requests import Call

COMPRESS_FROM = 1024


@dataclass(frozen=True)
class Sent:
    """A response and the size of its body."""

    response: Response
    size: int


def respond(
    reply: Reply,
    call: Call,
    token: str | None,
    budget: Budget | None,
    resource: Resource,
    wire: Wire,
    request_id: str,
) -> Sent:
    """The HTTP response of an answer; `budget` is None when no limit headers belong to it."""
    body = reply.encode()
    headers = {
        "Date": formatdate(time.time() + wire.skew, usegmt=True),
        "X-GitHub-Request-Id": request_id,
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Api-Version-Selected": call.version,
        "Cache-Control": "private, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
        "Content-Type": reply.content_type,
    }
    if token is not None:
        headers["X-OAuth-Scopes"] = ""
    if budget is not None:
        headers |= {
            "X-RateLimit-Limit": str(budget.limit),
            "X-RateLimit-Remaining": str(budget.remaining),
            "X-RateLimit-Used": str(min(budget.used, budget.limit)),
            "X-RateLimit-Reset": str(int(budget.reset) + 1),
            "X-RateLimit-Resource": resource,
        }
    headers |= reply.headers | wire.headers
    if wire.encoding is not None:
        headers["Content-Encoding"] = wire.encoding
    elif len(body) >= COMPRESS_FROM and "gzip" in call.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 1)
        headers["Content-Encoding"] = "gzip"
    if wire.cut is not None:
        return Sent(CutResponse(body, reply.status, headers, wire.cut), len(body))
    return Sent(Response(body, reply.status, headers), len(body))


class CutResponse(Response):
    """Promises the whole body, sends a share of it and closes the connection."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str], share: float) -> None:
        super().__init__(body, status, headers)
        self._kept = body[: int(len(body) * share)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send the start and a part; the server closes what is left open."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        await send({"type": "http.response.body", "body": self._kept, "more_body": True})
