"""What was seen of a repository, as the attempts that the pipeline lands.

Define here the payloads' shapes of each stream. What a test can say was seen belongs to `seen`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.dbt.seen import Absent, Seen, Unknown, weeks
from trender_assets.raw.rows import Attempt, seal


def _activity(seen: Seen, stream: str, as_of: datetime) -> Any:
    stamp = (as_of - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if stream == "commits":
        number = seen.commits
        return {"branch": "main", "totalCount": number, "nodes": []}
    if stream == "issues":
        closed = seen.closed_at if seen.closed_at is not None else [stamp] * int(seen.issues)  # type: ignore[arg-type]
        nodes = [{"number": n, "closedAt": at, "updatedAt": stamp} for n, at in enumerate(closed)]
        return {"hasIssuesEnabled": True, "nodes": nodes}
    authors = seen.authors
    if authors is None:
        authors = [{"login": f"person{n}"} for n in range(int(seen.contributors))]  # type: ignore[arg-type]
    return {
        "nodes": [
            {"oid": str(n), "committedDate": author.get("at", stamp), "authors": [author]}
            for n, author in enumerate(authors)
        ]
    }


def attempts(seen: Seen, as_of: datetime) -> Iterable[Attempt]:
    """One attempt for every stream that was asked."""
    base = Attempt(
        stream="repos",
        repo_id=seen.repo_id,
        repo_full_name=seen.full_name,
        outcome="found",
        fetched_at=as_of + timedelta(minutes=1),
    )
    yield replace(
        base,
        node_id=f"R_{seen.repo_id}",
        payload=seal(seen.payload(as_of)),
        discovered_by=seen.discovered_by,
    )
    window = {"window_start": as_of - timedelta(days=7), "window_end": as_of}
    for stream in ("commits", "issues", "contributors"):
        value = getattr(seen, stream)
        if isinstance(value, Unknown):
            yield replace(base, stream=stream, outcome="unknown", reason=value.reason)  # type: ignore[arg-type]
        elif value is not None:
            yield replace(
                base,
                stream=stream,  # type: ignore[arg-type]
                payload=seal(_activity(seen, stream, as_of)),
                **window,
            )
    if seen.releases is not None:
        days = {"window_start": as_of - timedelta(days=90), "window_end": as_of}
        yield replace(base, stream="releases", payload=seal(list(seen.releases)), **days)
    for stream, value in (("stars", seen.gains), ("files", seen.files)):
        if isinstance(value, Unknown | Absent):
            outcome = "unknown" if isinstance(value, Unknown) else "absent"
            yield replace(base, stream=stream, outcome=outcome, reason=value.reason)  # type: ignore[arg-type]
        elif value is not None:
            content = (
                _files(value)
                if stream == "files"
                else list(value)
                if isinstance(value, list)
                else weeks(as_of, value)
            )
            yield replace(base, stream=stream, payload=seal(content))  # type: ignore[arg-type]


def _files(texts: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        path: {
            "status": "absent" if text is None else "found",
            "oid": None if text is None else f"sha-{path}-{len(text)}",
            "byteSize": None if text is None else len(text),
            "text": text,
            "reason": None,
        }
        for path, text in texts.items()
    }
