"""Star histories from question to stored rows, for the sources of a run.

Define here which repositories are asked and how sources that share some are served by one
reading. What a history means belongs to `github.stars` and dbt.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg

from trender_assets.github.allowance import is_skipped
from trender_assets.github.answers import Unknown
from trender_assets.raw.load import Landed, land
from trender_assets.raw.run import RunWarehouse
from trender_assets.runs.progress import Progress, tell
from trender_assets.trending.known import newest_star_rows, repositories_due_for_stars
from trender_assets.trending.landing import quarantine_rows, star_attempt
from trender_assets.trending.reading.stars import StarHistoryReading, read_star_histories

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient
    from trender_assets.trending.sources import Source


@dataclass(frozen=True)
class StarFacts:
    """What became of one source's star histories.

    Attributes:
        failure: Why none could be had although some were due, or None; what was only skipped for
            lack of budget is asked for again by the next run.
        due: Repositories whose history was due.
        read: Histories that were had, unchanged ones included.
        unchanged: Answers of 304.
        skipped: Histories left out for lack of budget.
        unread: Repositories without an answer, with the reason.
        landed: What was written.
    """

    failure: str | None
    due: int
    read: int = 0
    unchanged: int = 0
    skipped: int = 0
    unread: dict[str, str] | None = None
    landed: Landed | None = None

    def metadata(self) -> dict[str, Any]:
        """What a materialisation says about this source."""
        return {
            "due": self.due,
            "read": self.read,
            "not_modified": self.unchanged,
            "rows_added": self.landed.added.get("stars", 0) if self.landed else 0,
            **({"skipped": self.skipped} if self.skipped else {}),
            **({"not_read": dict(list(self.unread.items())[:50])} if self.unread else {}),
        }


class StarIngestion:
    """Reads the due star histories of sources over one client, each repository once."""

    def __init__(
        self,
        *,
        client: GitHubClient,
        warehouse_url: str,
        run_id: str,
        as_of: datetime,
        every_hours: int,
    ) -> None:
        self._client = client
        self._warehouse = RunWarehouse(warehouse_url, run_id, as_of)
        self._as_of = as_of
        self._every_hours = every_hours
        self._seconds = 0.0
        self._keys: list[str] = []

    async def sources(self, sources: Sequence[Source]) -> dict[str, StarFacts]:
        """Read what is due; a repository of several sources is landed with the first."""
        begun = time.perf_counter()
        due = await self._warehouse.work(lambda connection: self._due(connection, sources))
        self._keys = [key for key, wanted in due.items() if wanted]
        repositories = [pair for wanted in due.values() for pair in wanted]
        readings: dict[int, StarHistoryReading] = {}
        async for reading in read_star_histories(self._client, repositories):
            readings[reading.repo_id] = reading
            if len(readings) % 50 == 0 or len(readings) == len(repositories):
                tell(
                    Progress("stars", "history", "star histories", len(readings), len(repositories))
                )
        facts = {}
        for source in sources:
            own = [readings[repo_id] for repo_id, _ in due[source.key] if repo_id in readings]
            facts[source.key] = await self._land(source, own, len(due[source.key]))
        self._seconds = time.perf_counter() - begun
        return facts

    def record_usage(self, asset: str, started_at: datetime, finished_at: datetime) -> None:
        """Store what this ingestion asked of GitHub, and what of the answers was unreadable."""
        report = self._client.report.as_dict()
        aside = quarantine_rows(self._client.unreadable.answers)
        self._warehouse.record_usage(asset, started_at, finished_at, report, aside)

    def _due(
        self, connection: psycopg.Connection, sources: Sequence[Source]
    ) -> dict[str, list[tuple[int, str]]]:
        taken: set[int] = set()
        due: dict[str, list[tuple[int, str]]] = {}
        for source in sources:
            wanted = [
                pair
                for pair in repositories_due_for_stars(
                    connection, source.key, self._as_of, self._every_hours
                )
                if pair[0] not in taken
            ]
            taken.update(repo_id for repo_id, _ in wanted)
            due[source.key] = wanted
        return due

    async def _land(
        self, source: Source, readings: Sequence[StarHistoryReading], due: int
    ) -> StarFacts:
        if not due:
            return StarFacts(failure=None, due=0)
        unread = {
            item.full_name: item.answer.reason
            for item in readings
            if isinstance(item.answer, Unknown)
        }

        def write(connection: psycopg.Connection) -> Landed:
            newest = newest_star_rows(connection, [item.repo_id for item in readings])
            connection.commit()
            attempts = (star_attempt(item, newest.get(item.repo_id)) for item in readings)
            return land(connection, self._warehouse.batch(source, attempts))

        landed = await self._warehouse.work(write)
        failed = [why for why in unread.values() if not is_skipped(why)]
        return StarFacts(
            failure=(
                f"no star history could be read: {failed[0]}"
                if failed and len(unread) == due
                else None
            ),
            due=due,
            read=len(readings) - len(unread),
            unchanged=sum(item.not_modified for item in readings),
            skipped=len(unread) - len(failed),
            unread=unread,
            landed=landed,
        )
