"""The ETag store in PostgreSQL: what lets an unchanged answer cost nothing.

Define here only how cache entries are kept; what an entry means belongs to `github.cache`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from trender_assets.github.cache import CachedAnswer
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.retry import in_transaction


class PostgresETagStore:
    """Keeps answers with their ETag and Link in raw.http_cache.

    Args:
        url: The warehouse's address; a connection is opened for each load and save.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def load(self, keys: Collection[str]) -> dict[str, CachedAnswer]:
        """The entries among `keys` that are stored."""
        with connect(self._url) as connection:
            rows = connection.execute(
                "select key, etag, last_modified, link, body, status, fetched_at "
                "from raw.http_cache where key = any(%s)",
                [list(keys)],
            ).fetchall()
        return {
            row[0]: CachedAnswer(row[0], row[1], row[2], row[3], bytes(row[4]), row[5], row[6])
            for row in rows
        }

    def save(self, entries: Iterable[CachedAnswer]) -> None:
        """Store entries, replacing older ones of the same key."""
        rows = [
            (e.key, e.etag, e.last_modified, e.link, e.body, e.status, e.fetched_at)
            for e in sorted(entries, key=lambda entry: entry.key)
        ]
        if not rows:
            return
        with connect(self._url) as connection:
            in_transaction(
                connection,
                lambda cursor: cursor.executemany(
                    "insert into raw.http_cache "
                    "(key, etag, last_modified, link, body, status, fetched_at) "
                    "values (%s, %s, %s, %s, %s, %s, %s) on conflict (key) do update set "
                    "etag = excluded.etag, last_modified = excluded.last_modified, "
                    "link = excluded.link, body = excluded.body, status = excluded.status, "
                    "fetched_at = excluded.fetched_at "
                    "where http_cache.fetched_at <= excluded.fetched_at",
                    rows,
                ),
            )
