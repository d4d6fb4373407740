"""What callers get for a request: a REST body, or GraphQL's data with its errors.

Define here the shapes that leave the client. Whether a value is found, absent or unknown belongs
to `answers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trender_assets.github.cache import CachedAnswer


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
    """

    body: Any
    link: str | None
    url: str
    is_not_modified: bool
    fetched_at: datetime
    entry: CachedAnswer | None


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
