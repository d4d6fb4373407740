"""The rows that cross from GitHub into the raw layer, and their sealing.

Define a row here when a raw table gets it. A row holds what GitHub said plus who asked and
when; sealing a payload cleans it for jsonb, hashes the exact text and keeps its bytes where
cleaning changed them. SQL does not belong here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from trender_assets.text import dumps

Outcome = Literal["found", "absent", "unknown"]


@dataclass(frozen=True)
class Payload:
    """A JSON answer ready for PostgreSQL.

    Attributes:
        json_text: Cleaned JSON text that jsonb accepts.
        sha256: Hash of the exact text before cleaning, in hexadecimal.
        exact: The exact bytes when cleaning changed the text, else None.
    """

    json_text: str
    sha256: str
    exact: bytes | None


def seal(value: Any) -> Payload:
    """Clean and hash a JSON value.

    Raises:
        ValueError: When it is nested too deeply or larger than the text policy allows.
    """
    exact = _exact(value)
    cleaned = dumps(value)
    changed = cleaned != json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Payload(
        json_text=cleaned,
        sha256=hashlib.sha256(exact.encode()).hexdigest(),
        exact=exact.encode() if changed else None,
    )


def exact_bytes(value: Any) -> bytes | None:
    """A JSON value's exact text as bytes, for what can't be sealed; None when it has no end."""
    try:
        return _exact(value).encode()
    except (ValueError, RecursionError):
        return None


def _exact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class Attempt:
    """One row of the fetch log, with the payload when something was found.

    Attributes:
        stream: What was read; a name in the registry of streams.
        repo_id: GitHub's numeric id; None when not even that is known.
        repo_full_name: The name at the time.
        node_id: GraphQL's id; only the stream ``repos`` stores it.
        outcome: found, absent or unknown.
        reason: Why it is absent or unknown, or a note about what was found.
        payload: What was found.
        window_start: Start of a metric's window (UTC).
        window_end: End of a metric's window (UTC).
        is_truncated: Whether the listing is not whole: a page cap cut it, or it moved meanwhile.
        discovered_by: Names of the queries that found the repository.
        fetched_at: When the answer came (UTC).
        raw_id: The raw row that still holds an unchanged answer (not modified).
    """

    stream: str
    repo_id: int | None
    repo_full_name: str
    outcome: Outcome
    fetched_at: datetime
    node_id: str = ""
    reason: str | None = None
    payload: Payload | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    is_truncated: bool = False
    discovered_by: tuple[str, ...] = ()
    raw_id: int | None = None


@dataclass(frozen=True)
class DiscoveryRow:
    """One row of raw_discovery_queries."""

    query_name: str
    endpoint: str
    query: str
    outcome: Outcome
    reason: str | None
    total_count: int | None
    items_seen: int
    pages: int
    incomplete_results: bool
    is_capped: bool
    fetched_at: datetime


@dataclass(frozen=True)
class QuarantineRow:
    """One row of raw_quarantine: an answer that is not what it should be.

    Attributes:
        payload: Its bytes, the first of them when there are many; None when it has none.
        payload_size: How many they are in truth.
        payload_sha256: Hash of all of them, in hexadecimal.
        request: What was asked, without the query.
    """

    stream: str
    repo_id: int | None
    repo_full_name: str | None
    reason: str
    payload: bytes | None
    fetched_at: datetime
    payload_size: int | None = None
    payload_sha256: str | None = None
    request: str | None = None


@dataclass(frozen=True)
class SourceBatch:
    """Everything one source brought in one run: one transaction.

    Attributes:
        run_id: The Dagster run.
        as_of: The run's logical time (UTC).
        source: The partition key.
        source_type: ``trending`` or ``render_ecosystem``.
        source_language: The language's name for a language source.
    """

    run_id: str
    as_of: datetime
    source: str
    source_type: str
    source_language: str | None
    attempts: tuple[Attempt, ...] = ()
    discovery: tuple[DiscoveryRow, ...] = ()
    quarantine: tuple[QuarantineRow, ...] = field(default=())
