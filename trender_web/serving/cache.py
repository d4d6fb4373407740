"""The page cache: an answer is made once per data version, then handed out from memory.

Define here how answers are keyed, bounded, compressed and revalidated, and what is shown while
the database is away. What an answer contains belongs to its page.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Message

from trender_web.config import VERSION

MINIMUM_TO_COMPRESS = 400
MAX_ENTRY_SHARE = 8


@dataclass(frozen=True)
class Entry:
    """One finished answer.

    Attributes:
        headers: As the page gave them, without length, encoding and validators.
        body: The body, compressed when `is_compressed`.
        is_compressed: Whether `body` is gzip.
        etag: The validator, from data version, program version and the canonical address.
        made_at: When it was made, by the process's clock.
        expires: When it must be made anew, by the monotonic clock.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_compressed: bool
    etag: str
    made_at: datetime
    expires: float

    def plain(self) -> bytes:
        """The body as it was made."""
        return gzip.decompress(self.body) if self.is_compressed else self.body


def parameters_of(routers: Iterable[APIRouter]) -> frozenset[str]:
    """Every query parameter that a route reads; others neither change an answer nor its key."""
    return frozenset(
        field.alias
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for dependant in _with_dependencies(route.dependant)
        for field in dependant.query_params
    )


def _with_dependencies(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for needed in dependant.dependencies:
        yield from _with_dependencies(needed)


def canonical_key(path: str, query_string: bytes, parameters: Collection[str]) -> str:
    """One key per distinct answer: the parameters that routes read, sorted by name."""
    if not query_string:
        return path
    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=200)
    known = sorted((pair for pair in pairs if pair[0] in parameters), key=lambda pair: pair[0])
    return f"{path}?{urlencode(known)}" if known else path


class PageCache:
    """Finished answers by key and data version, bounded by bytes; the oldest use goes first.

    An entry of an older data version is kept until room is needed: it is the last good page.
    """

    def __init__(self, max_bytes: int, page_seconds: float, clock: Callable[[], datetime]) -> None:
        self._entries: OrderedDict[str, tuple[str, Entry]] = OrderedDict()
        self._bytes = 0
        self._max_bytes = max_bytes
        self._seconds = page_seconds
        self._clock = clock
        self._lock = threading.Lock()

    def get(self, key: str, version: str) -> Entry | None:
        """The answer for this data version, unless it is too old."""
        found = self._entries.get(key)
        if found is None or found[0] != version or found[1].expires < time.monotonic():
            return None
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
        return found[1]

    def last_good(self, key: str) -> Entry | None:
        """The newest answer made for this address, whatever its data version."""
        found = self._entries.get(key)
        return found[1] if found else None

    def newest(self) -> datetime | None:
        """When the newest kept answer was made."""
        return max((entry.made_at for _, entry in list(self._entries.values())), default=None)

    def put(self, key: str, version: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Entry:
        """Compress an answer and keep it."""
        kept = tuple(
            (name, value)
            for name, value in headers
            if name.lower() not in (b"content-length", b"x-cacheable")
        )
        compresses = len(body) >= MINIMUM_TO_COMPRESS and not _is_packed(kept)
        packed = gzip.compress(body, compresslevel=6, mtime=0) if compresses else body
        entry = Entry(
            headers=kept,
            body=packed,
            is_compressed=compresses,
            etag=make_etag(version, key),
            made_at=self._clock(),
            expires=time.monotonic() + self._seconds,
        )
        if len(packed) * MAX_ENTRY_SHARE <= self._max_bytes:
            self._keep(key, version, entry)
        return entry

    def _keep(self, key: str, version: str, entry: Entry) -> None:
        with self._lock:
            old = self._entries.pop(key, None)
            self._bytes -= _size(key, old[1]) if old else 0
            self._entries[key] = (version, entry)
            self._bytes += _size(key, entry)
            while self._bytes > self._max_bytes:
                gone, (_, dropped) = self._entries.popitem(last=False)
                self._bytes -= _size(gone, dropped)


def make_etag(version: str, key: str) -> str:
    """A weak validator: the same data, program and address give the same answer."""
    import hashlib

    return f'W/"{hashlib.sha256(f"{VERSION} {version} {key}".encode()).hexdigest()[:20]}"'


def matches(if_none_match: bytes | None, etag: str) -> bool:
    """Whether a client's If-None-Match names this validator."""
    if if_none_match is None:
        return False
    bare = etag.removeprefix("W/")
    candidates = [part.strip() for part in if_none_match.decode("latin-1").split(",")]
    return any(part == "*" or part.removeprefix("W/") == bare for part in candidates)


def accepts_gzip(accept_encoding: bytes | None) -> bool:
    """Whether gzip is welcome; ``gzip;q=0`` is not."""
    for part in (accept_encoding or b"").decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def age_of(made_at: datetime | None, now: datetime) -> timedelta | None:
    """How old a kept page is; never negative."""
    return None if made_at is None else max(timedelta(), now - made_at)


def start_message(status: int, headers: list[tuple[bytes, bytes]]) -> Message:
    """The first half of an answer."""
    return {"type": "http.response.start", "status": status, "headers": headers}


def _size(key: str, entry: Entry) -> int:
    return len(key) + len(entry.body) + 600


def _is_packed(headers: tuple[tuple[bytes, bytes], ...]) -> bool:
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    return kind.startswith(b"image/") and not kind.startswith(b"image/svg")
