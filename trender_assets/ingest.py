"""One source from question to stored rows: discover, read, land.

Define here the order of these steps and what counts as a failed source. What the steps do
belongs to `github/`, `landing` and `warehouse/`; Dagster is not known here.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg

from trender_assets.github.answers import Found, Unknown
from trender_assets.github.discovery import Candidate, QueryOutcome, discover
from trender_assets.github.repositories import RepositoryReader
from trender_assets.landing import (
    discovery_failure,
    discovery_rows,
    file_dicts,
    repository_attempts,
)
from trender_assets.progress import Progress, tell
from trender_assets.warehouse.connect import PATIENCE_SECONDS, connect
from trender_assets.warehouse.errors import why
from trender_assets.warehouse.known import (
    last_complete_discovery,
    stored_files,
    watched_repositories,
)
from trender_assets.warehouse.load import Landed, land, record_api_usage
from trender_assets.warehouse.rows import Attempt, QuarantineRow, SourceBatch

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient
    from trender_assets.settings import FileSettings
    from trender_assets.sources import Source

T = TypeVar("T")
RENDER_WATCH_DAYS = 7


@dataclass(frozen=True)
class SourceFacts:
    """What became of one source in one run.

    Attributes:
        failure: Why the source counts as failed, or None.
        listed: Repositories that its queries listed.
        watched: Repositories read only because they are on the watch-list.
        queries: Counts of each query.
        unread: Repositories that could not be read, with the reason.
        landed: What was written, or None when nothing was.
        seconds: How long the source took.
    """

    failure: str | None
    listed: int = 0
    watched: int = 0
    queries: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    landed: Landed | None = None
    seconds: float = 0.0

    def metadata(self, table: str) -> dict[str, Any]:
        """What a materialisation of a table says about this source."""
        landed = self.landed
        streams = {
            "raw_github_repos": ("repos",),
            "raw_repo_metrics": ("commits", "issues", "contributors"),
            "raw_repo_files": ("files",),
        }.get(table, ())
        added = {"raw_repo_metrics": "metrics", "raw_github_repos": "repos"}.get(table, "files")
        facts: dict[str, Any] = {"seconds": round(self.seconds, 3)}
        if table == "raw_discovery_queries":
            return {**facts, "queries": self.queries, "listed": self.listed}
        if landed is not None:
            facts["attempts"] = sum(landed.attempts.get(stream, 0) for stream in streams)
            facts["found"] = sum(landed.found.get(stream, 0) for stream in streams)
            facts["rows_added"] = landed.added.get(added, 0)
            facts["quarantined"] = landed.quarantined
        if self.unread:
            facts["not_read"] = dict(list(self.unread.items())[:50])
        return {**facts, "listed": self.listed, "watched": self.watched}


class Ingestion:
    """Reads sources over one client, so that all share one budget and each repository is read once.

    Args:
        client: The open GitHub client.
        warehouse_url: Where to land.
        run_id: The run, for the record.
        as_of: The run's logical time (UTC).
        settings: What `trender.yaml` says.
        tables: Raw tables to fill; the others are not asked for and not written.
    """

    def __init__(
        self,
        *,
        client: GitHubClient,
        warehouse_url: str,
        run_id: str,
        as_of: datetime,
        settings: FileSettings,
        tables: frozenset[str],
    ) -> None:
        self._client = client
        self._url = warehouse_url
        self._run_id = run_id
        self._as_of = as_of
        self._settings = settings
        self._tables = tables
        self._with_metrics = "raw_repo_metrics" in tables
        self._with_files = "raw_repo_files" in tables
        self._reader = RepositoryReader(
            client,
            as_of=as_of,
            with_metrics=self._with_metrics,
            with_files=self._with_files,
        )
        self._seconds: dict[str, float] = {}

    async def source(self, source: Source) -> SourceFacts:
        """Discover, read and land one source; whatever goes wrong becomes its failure."""
        begun = time.perf_counter()
        try:
            facts = await self._source(source, begun)
        except Exception as error:
            facts = SourceFacts(failure=why(error))
        self._seconds[source.key] = time.perf_counter() - begun
        if facts.failure is not None:
            tell(Progress("done", source.key, f"failed: {facts.failure}"))
        return facts

    def record_usage(self, asset: str, started_at: datetime, finished_at: datetime) -> None:
        """Store what this ingestion asked of GitHub."""
        report = {**self._client.report.as_dict(), "seconds_by_source": self._seconds}
        with connect(self._url, patience=PATIENCE_SECONDS) as connection:
            record_api_usage(
                connection,
                run_id=self._run_id,
                asset=asset,
                as_of=self._as_of,
                started_at=started_at,
                finished_at=finished_at,
                report_json=json.dumps(report),
            )

    async def _source(self, source: Source, begun: float) -> SourceFacts:
        previous = await self._database(
            lambda connection: last_complete_discovery(connection, source.key, self._as_of)
        )
        outcomes: list[QueryOutcome] = []
        listed: list[Candidate] = []
        if self._is_due(source, previous):
            listed, outcomes = await discover(
                self._client, source.queries(self._as_of), as_of=self._as_of
            )
        failure = discovery_failure(
            outcomes,
            must_find=source.kind == "language",
            found_before=previous[1] if previous else 0,
        )
        watched = await self._watched(source, {item.repo_id for item in listed})
        candidates = [*listed, *watched]
        tell(
            Progress(
                "discover",
                source.key,
                f"{len(listed)} listed, {len(watched)} watched",
                len(candidates),
            )
        )
        attempts, quarantine, unread = await self._read(source, candidates)
        landed = await self._land(source, attempts, quarantine, outcomes)
        tell(
            Progress(
                "land",
                source.key,
                f"{landed.found.get('repos', 0)} repositories, "
                f"{sum(landed.added.values())} new rows",
                landed.found.get("repos", 0),
                len(candidates),
            )
        )
        if failure is None and candidates and len(unread) == len(candidates):
            failure = f"no repository could be read: {next(iter(unread.values()))}"
        return SourceFacts(
            failure=failure,
            listed=len(listed),
            watched=len(watched),
            queries={
                item.query.name: {
                    "total_count": item.total_count,
                    "listed": item.items,
                    "complete": not item.incomplete_results and not item.is_capped,
                    **({"reason": item.reason} if item.reason else {}),
                }
                for item in outcomes
            },
            unread=unread,
            landed=landed,
            seconds=time.perf_counter() - begun,
        )

    def _is_due(self, source: Source, previous: tuple[datetime, int] | None) -> bool:
        """Whether the source's queries are asked this time (code search is not asked hourly)."""
        if source.every_hours <= 1 or previous is None:
            return True
        return self._as_of - previous[0] >= timedelta(hours=source.every_hours)

    async def _watched(self, source: Source, listed: set[int]) -> list[Candidate]:
        days = (
            self._settings.watch_days
            if source.kind == "language"
            else max(RENDER_WATCH_DAYS, source.every_hours // 24 + 1)
        )
        known = await self._database(
            lambda connection: watched_repositories(connection, source.key, self._as_of, days)
        )
        return [
            Candidate(
                repo_id=item.repo_id,
                node_id=item.node_id,
                full_name=item.full_name,
                discovered_by=("watch-list",),
            )
            for item in known
            if item.repo_id not in listed
        ]

    async def _read(
        self, source: Source, candidates: Sequence[Candidate]
    ) -> tuple[list[Attempt], list[QuarantineRow], dict[str, str]]:
        ids = [item.repo_id for item in candidates]
        stored = (
            await self._database(lambda connection: stored_files(connection, ids))
            if self._with_files
            else {}
        )
        by_node = {item.node_id: item for item in candidates}
        attempts: list[Attempt] = []
        quarantine: list[QuarantineRow] = []
        unread: dict[str, str] = {}
        done = 0
        async for reading in self._reader.read(
            candidates,
            known_files=file_dicts(stored),
            with_workspaces=source.requires_nextjs,
        ):
            candidate = by_node[reading.candidate_id]
            new, aside = repository_attempts(
                reading,
                discovered_by=candidate.discovered_by,
                with_core="raw_github_repos" in self._tables,
                with_metrics=self._with_metrics and isinstance(reading.core, Found),
                with_files=self._with_files and isinstance(reading.core, Found),
                stored_files=stored.get(candidate.repo_id),
                known_repo_id=candidate.repo_id,
            )
            attempts += new
            quarantine += aside
            if isinstance(reading.core, Unknown):
                unread[reading.full_name] = reading.core.reason
            done += 1
            if done % 20 == 0:
                tell(Progress("read", source.key, "repositories read", done, len(candidates)))
        return attempts, quarantine, unread

    async def _land(
        self,
        source: Source,
        attempts: Sequence[Attempt],
        quarantine: Sequence[QuarantineRow],
        outcomes: Sequence[QueryOutcome],
    ) -> Landed:
        batch = SourceBatch(
            run_id=self._run_id,
            as_of=self._as_of,
            source=source.key,
            source_type=source.source_type,
            source_language=source.language,
            attempts=tuple(attempts),
            discovery=(discovery_rows(outcomes) if "raw_discovery_queries" in self._tables else ()),
            quarantine=tuple(quarantine),
        )
        return await self._database(lambda connection: land(connection, batch))

    async def _database(self, work: Callable[[psycopg.Connection], T]) -> T:
        """Do database work in a thread, so that reading goes on meanwhile."""

        def do() -> T:
            with connect(self._url, patience=PATIENCE_SECONDS) as connection:
                return work(connection)

        return await asyncio.to_thread(do)
