"""One file of ``raw_repo_files.files``: what an answer about it says.

Define here which states a file can have. Which files are read belongs to `files`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trender_assets.github.batches import Part

MOST_BYTES = 512 * 1024
File = dict[str, Any]
Files = dict[str, File]


def from_part(part: Part) -> File:
    """A file from the answer to a further question."""
    if part.problem or part.errors:
        reason = part.problem or str(part.errors[0].get("message", "error"))
        return entry("unknown", reason=reason[:200])
    return from_object(part.data) if isinstance(part.data, dict) else entry("absent")


def from_object(value: Mapping[str, Any]) -> File:
    """A file from a git object with its text."""
    oid, size, text = value.get("oid"), value.get("byteSize"), value.get("text")
    if value.get("__typename") != "Blob":
        return entry("not_a_file", oid=oid, reason=str(value.get("__typename", "")).lower())
    if value.get("isBinary") or (text is None and not value.get("isTruncated")):
        return entry("binary", oid=oid, size=size)
    is_cut = bool(value.get("isTruncated")) or (isinstance(size, int) and size > MOST_BYTES)
    return entry(
        "too_large" if is_cut else "found",
        oid=oid,
        size=size,
        text=text[:MOST_BYTES] if isinstance(text, str) else None,
    )


def entry(
    status: str,
    *,
    oid: str | None = None,
    size: int | None = None,
    text: str | None = None,
    reason: str | None = None,
) -> File:
    """One file of ``raw_repo_files.files``."""
    return {"status": status, "oid": oid, "byteSize": size, "text": text, "reason": reason}


def is_same(known: File | None, oid: Any) -> bool:
    """Whether a stored file is of this object id, and was really read."""
    return (
        known is not None
        and isinstance(oid, str)
        and known.get("oid") == oid
        and known.get("status") not in (None, "unknown")
    )
