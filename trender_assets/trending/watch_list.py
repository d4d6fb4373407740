"""What the warehouse knows of a source before GitHub is asked: whom it watches, what it has read.

Define here how long a repository stays watched. The questions in SQL belong to `warehouse.known`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from trender_assets.trending.known import (
    StoredFiles,
    last_complete_discovery,
    stored_files,
    watched_repositories,
)
from trender_assets.trending.reading.discovery import Candidate

if TYPE_CHECKING:
    from trender_assets.settings import FileSettings
    from trender_assets.trending.sources import Source

RENDER_WATCH_DAYS = 7


@dataclass(frozen=True)
class KnownSource:
    """What is known of a source.

    Attributes:
        listed_at: When its queries last all answered (UTC); None when they never did.
        listed_before: How many repositories they listed then.
        watched: Repositories to be read whether they are listed or not.
        files: The stored files of those, by numeric id.
    """

    listed_at: datetime | None
    listed_before: int
    watched: tuple[Candidate, ...]
    files: dict[int, StoredFiles]

    def is_due(self, source: Source, as_of: datetime) -> bool:
        """Whether the source's queries are asked now (code search is not asked hourly)."""
        if source.every_hours <= 1 or self.listed_at is None:
            return True
        return as_of - self.listed_at >= timedelta(hours=source.every_hours)


def known_source(
    connection: psycopg.Connection,
    source: Source,
    settings: FileSettings,
    as_of: datetime,
    *,
    with_files: bool,
) -> KnownSource:
    """What the warehouse knows of a source at a logical time.

    Args:
        connection: The warehouse.
        source: The source.
        settings: What `trender.yaml` says.
        as_of: The run's logical time (UTC).
        with_files: Whether files will be read.
    """
    watched = tuple(
        Candidate(item.repo_id, item.node_id, item.full_name, ("watch-list",))
        for item in watched_repositories(
            connection, source.key, as_of, _watch_days(source, settings)
        )
    )
    previous = last_complete_discovery(connection, source.key, as_of)
    return KnownSource(
        listed_at=previous[0] if previous else None,
        listed_before=previous[1] if previous else 0,
        watched=watched,
        files=files_of(connection, watched) if with_files else {},
    )


def files_of(
    connection: psycopg.Connection, candidates: Iterable[Candidate]
) -> dict[int, StoredFiles]:
    """The newest stored files of candidates by numeric id."""
    ids = [item.repo_id for item in candidates]
    return stored_files(connection, ids) if ids else {}


def _watch_days(source: Source, settings: FileSettings) -> int:
    if source.kind == "language":
        return settings.watch_days
    return max(RENDER_WATCH_DAYS, source.every_hours // 24 + 1)
