"""Answers that could not be read as what they should be, with the bytes they came as.

Define here what is kept of such an answer and how much: the body only, never a header, and no
token in it. When an answer counts as unreadable is decided where it is read (`wire`, `client`,
`stars`, `core`); storing it belongs to `warehouse`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trender_assets.github.answers import Answer, Unknown
from trender_assets.github.clock import Clock, as_datetime
from trender_assets.github.redaction import redact_bytes
from trender_assets.github.report import UsageReport

if TYPE_CHECKING:
    from trender_assets.github.replies import Reply

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
