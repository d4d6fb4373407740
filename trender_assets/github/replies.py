"""What callers get for a request: a REST body, or GraphQL's data with its errors.

Define here the shapes that leave the client and how an answer's outcome becomes one. What found,
absent and unknown are belongs to `answers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.attempts import Outcome
from trender_assets.github.cache import CachedAnswer
from trender_assets.github.wire import parse


@dataclass(frozen=True)
class Reply:
    """A REST answer's parsed body.

    Attributes:
        body: The JSON value; an empty list for 204.
        link: The Link header, the cached one when the answer was 304.
        url: The address that answered, after redirects.
        is_not_modified: Whether the body comes from the cache.
        fetched_at: When the answer came (UTC).
        entry: What to give to the ETag store; None when the answer has no ETag.
        content: The body's bytes.
    """

    body: Any
    link: str | None
    url: str
    is_not_modified: bool
    fetched_at: datetime
    entry: CachedAnswer | None
    content: bytes


@dataclass(frozen=True)
class GraphQLReply:
    """A GraphQL answer, or why there is none.

    Attributes:
        data: The `data` object; None when there is none.
        errors: GraphQL's errors; those with a path concern a part of `data`.
        problem: Why there is no data; None when there is.
        is_too_much: Whether asking for less may succeed.
        seconds: Response time.
        fetched_at: When the answer came (UTC).
    """

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...]
    problem: str | None
    is_too_much: bool
    seconds: float
    fetched_at: datetime


def rest_reply(
    outcome: Outcome,
    *,
    key: str,
    entry: CachedAnswer | None,
    expect: type[dict[Any, Any]] | type[list[Any]],
    fetched_at: datetime,
) -> Answer[Reply]:
    """What an outcome means for the caller.

    Args:
        outcome: The final answer.
        key: Its key in the ETag store.
        entry: The stored answer that was offered to GitHub.
        expect: The type a true answer has.
        fetched_at: When it came (UTC).
    """
    decision, answered = outcome.decision, outcome.raw.exchange
    if decision.action == "absent":
        return Absent(decision.reason)
    if decision.action != "use":
        return Unknown(decision.reason)
    body, link, content = answered.body, answered.headers.get("link"), outcome.raw.content
    is_not_modified = answered.status == 304
    if is_not_modified:
        if entry is None:
            return Unknown("malformed: 304 without a condition")
        body, _ = parse(200, {}, entry.body)
        link, content = entry.link, entry.body
    elif answered.status == 204:
        body = expect()
    if not isinstance(body, expect):
        return Unknown(f"malformed: expected a JSON {expect.__name__}")
    etag = answered.headers.get("etag") or (entry.etag if is_not_modified and entry else None)
    modified = answered.headers.get("last-modified")
    stored = (
        CachedAnswer(key, etag, modified, link, content, 200, fetched_at)
        if (etag or modified) and answered.status in (200, 304)
        else None
    )
    return Found(Reply(body, link, outcome.url, is_not_modified, fetched_at, stored, content))
