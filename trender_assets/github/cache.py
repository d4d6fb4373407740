"""ETags with the bodies and links they stand for, so that an unchanged answer costs nothing.

Define here what a stored answer is and the store's two operations. The store in PostgreSQL
belongs to `warehouse.http_cache`; when to ask conditionally belongs to the callers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class CachedAnswer:
    """One stored answer.

    Attributes:
        key: See `cache_key`.
        etag: Exactly as sent, with its quotes and any ``W/``.
        last_modified: The Last-Modified header, for answers without an ETag.
        link: The Link header: a 304 carries none, so it is kept with the body.
        body: The decoded body's bytes.
        status: The status of the answer that had the body.
        fetched_at: When it came (UTC).
    """

    key: str
    etag: str | None
    last_modified: str | None
    link: str | None
    body: bytes
    status: int
    fetched_at: datetime

    def conditions(self) -> dict[str, str]:
        """The request headers that let GitHub answer 304."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


class ETagStore(Protocol):
    """Keeps answers; both operations may block and are called in a thread."""

    def load(self, keys: Collection[str]) -> dict[str, CachedAnswer]:
        """The stored answers among `keys`."""
        ...

    def save(self, entries: Iterable[CachedAnswer]) -> None:
        """Store answers, replacing older ones of the same key."""
        ...


class MemoryETagStore:
    """Keeps answers as long as the process lives."""

    def __init__(self) -> None:
        self.entries: dict[str, CachedAnswer] = {}

    def load(self, keys: Collection[str]) -> dict[str, CachedAnswer]:
        """The stored answers among `keys`."""
        return {key: self.entries[key] for key in keys if key in self.entries}

    def save(self, entries: Iterable[CachedAnswer]) -> None:
        """Store answers, replacing older ones of the same key."""
        self.entries.update((entry.key, entry) for entry in entries)


def cache_key(url: str, accept: str, version: str) -> str:
    """The key of an answer: address, media type and API version.

    The token is left out on purpose. GitHub's ETags vary with it, but a foreign ETag only costs a
    full answer, while a key made from a token would put something derived from a secret into the
    database and forget everything whenever the token is changed. The client asks a key with the
    same token while it can.
    """
    return f"{version} {accept} {url}"
