"""What callers get for a request: a REST body, or GraphQL's data with its errors.

Define here the shapes that leave the client, how an answer's outcome becomes one, and what is kept
of an answer that could not be read: the body only, never a header, and no token in it. When an
answer counts as unreadable is decided where it is read; storing it belongs to `raw`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.cache import CachedAnswer
from trender_assets.github.clock import Clock, as_datetime
from trender_assets.github.decide import Decision
from trender_assets.github.redaction import redact_bytes
from trender_assets.github.report import UsageReport
from trender_assets.github.wire import Raw, parse


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


@dataclass(frozen=True)
class Outcome:
    """The final answer to a request.

    Attributes:
        raw: What came back last.
        decision: What it means.
        seconds: Time on the wire of the last try.
        url: The address that answered, after redirects.
    """

    raw: Raw
    decision: Decision
    seconds: float
    url: str = ""


def linked_pages(link: str | None) -> dict[str, str]:
    """Addresses by relation (``next``, ``last`` …) of a Link header; empty when there is none."""
    links = httpx.Response(200, headers={"link": link} if link else None).links
    return {str(relation): found["url"] for relation, found in links.items()}


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


KEPT_BYTES = 65_536
# An outage can make every answer unreadable; the first ones tell what it was like.
MOST_KEPT = 50


@dataclass(frozen=True)
class UnreadableAnswer:
    """One answer, as evidence.

    Attributes:
        purpose: What it was asked for.
        request: Method and path, without the query.
        reason: Why it could not be read.
        content: The decoded body, `KEPT_BYTES` of it at most; masked where it held a token.
        size: The body's true length, or as far as it was read when it was given up.
        sha256: Hash of those `size` bytes, in hexadecimal.
        fetched_at: When it came (UTC).
        repo_id: The repository it was about, where it was about one.
        full_name: That repository's name.
    """

    purpose: str
    request: str
    reason: str
    content: bytes
    size: int
    sha256: str
    fetched_at: datetime
    repo_id: int | None = None
    full_name: str | None = None


class Unreadable:
    """Collects the unreadable answers of one client.

    Args:
        secrets: The client's tokens.
        clock: Where time comes from.
        report: Where they are counted.
    """

    def __init__(self, secrets: Sequence[str], clock: Clock, report: UsageReport) -> None:
        self.answers: list[UnreadableAnswer] = []
        self._report = report
        self._secrets = secrets
        self._clock = clock

    def add(
        self,
        content: bytes,
        reason: str,
        *,
        purpose: str,
        request: str,
        repo_id: int | None = None,
        full_name: str | None = None,
    ) -> None:
        """Keep an answer; beyond `MOST_KEPT` they are only counted, by reason."""
        self._report.unreadable[reason.split(":")[0]] += 1
        if len(self.answers) >= MOST_KEPT:
            return
        self.answers.append(
            UnreadableAnswer(
                purpose=purpose,
                request=request,
                reason=reason,
                # A token that lies across the cut must be found, so it is cut afterwards.
                content=redact_bytes(content, self._secrets)[:KEPT_BYTES],
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                fetched_at=as_datetime(self._clock),
                repo_id=repo_id,
                full_name=full_name,
            )
        )

    def add_reply(
        self,
        reply: Reply,
        reason: str,
        *,
        purpose: str,
        repo_id: int | None = None,
        full_name: str | None = None,
    ) -> None:
        """Keep a REST answer that was JSON, yet not what was asked for."""
        self.add(
            reply.content,
            reason,
            purpose=purpose,
            request=f"GET {urlsplit(reply.url).path}",
            repo_id=repo_id,
            full_name=full_name,
        )

    def add_part(self, answer: Answer[Any], data: Any, repo_id: int, full_name: str) -> None:
        """Keep one repository's share of a batch, as JSON, if its answer says it is malformed."""
        if data is None or not isinstance(answer, Unknown):
            return
        if not answer.reason.startswith("malformed"):
            return
        self.add(
            json.dumps(data).encode(),
            answer.reason,
            purpose="repositories",
            request="POST /graphql",
            repo_id=repo_id if repo_id > 0 else None,
            full_name=full_name,
        )
