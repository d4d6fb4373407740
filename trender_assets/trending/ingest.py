"""One source from question to stored rows: discover, read, land.

Define here the order of these steps and what counts as a failed source. What the steps do
belongs to `github/`, `landing` and `raw/`; Dagster is not known here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from trender_assets.github.answers import Found, GitHubError, Unknown
from trender_assets.raw.load import Landed, land
from trender_assets.raw.rows import Attempt, QuarantineRow
from trender_assets.raw.run import RunWarehouse
from trender_assets.raw.streams import REPOSITORIES, streams_of
from trender_assets.runs.progress import Progress, tell
from trender_assets.trending.landing import (
    discovery_failure,
    discovery_rows,
    file_dicts,
    incomplete_by_stream,
    quarantine_rows,
    repository_attempts,
    skipped_by_stream,
)
from trender_assets.trending.reading.discovery import Candidate, QueryOutcome, discover
from trender_assets.trending.reading.first_pass import READERS
from trender_assets.trending.reading.repositories import RepositoryReader
from trender_assets.trending.source_facts import SourceFacts
from trender_assets.trending.watch_list import KnownSource, files_of, known_source
from trender_assets.warehouse.errors import why

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient
    from trender_assets.settings import FileSettings
    from trender_assets.trending.sources import Source


class Ingestion:
    """Reads sources over one client, so that all share one budget and each repository is read once.

    Args:
        client: The open GitHub client.
        warehouse_url: Where to land.
        run_id: The run, for the record.
        as_of: The run's logical time (UTC).
        settings: What `trender.yaml` says.
        tables: Raw tables to fill; the others are not asked for and not written.

    Attributes:
        stopped_by: Why nothing more could be asked of GitHub, for any source; None when it could.
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
        self._warehouse = RunWarehouse(warehouse_url, run_id, as_of)
        self._as_of = as_of
        self._settings = settings
        self._tables = tables
        self._streams = frozenset(stream for table in tables for stream in streams_of(table))
        self._with_files = "files" in self._streams
        self._reader = RepositoryReader(
            client,
            as_of=as_of,
            with_listings=any(self._streams.intersection(reader.streams) for reader in READERS),
            with_files=self._with_files,
        )
        self._seconds: dict[str, float] = {}
        self.stopped_by: str | None = None

    async def source(self, source: Source) -> SourceFacts:
        """Discover, read and land one source; whatever goes wrong becomes its failure."""
        begun = time.perf_counter()
        try:
            facts = await self._source(source, begun)
        except Exception as error:
            facts = SourceFacts(failure=why(error))
            if isinstance(error, GitHubError):
                self.stopped_by = facts.failure
        if facts.failure is not None and self._client.unreachable is not None:
            self.stopped_by = str(self._client.unreachable)
        self._seconds[source.key] = time.perf_counter() - begun
        if facts.failure is not None and self.stopped_by is None:
            tell(Progress("done", source.key, f"failed: {facts.failure}"))
        return facts

    def record_usage(self, asset: str, started_at: datetime, finished_at: datetime) -> None:
        """Store what this ingestion asked of GitHub, and what of the answers was unreadable."""
        report = {**self._client.report.as_dict(), "seconds_by_source": self._seconds}
        aside = quarantine_rows(self._client.unreadable.answers)
        self._warehouse.record_usage(asset, started_at, finished_at, report, aside)

    async def _source(self, source: Source, begun: float) -> SourceFacts:
        knowing = asyncio.ensure_future(self._know(source))
        known, (listed, outcomes) = await asyncio.gather(knowing, self._list(source, knowing))
        failure = discovery_failure(
            outcomes,
            must_find=source.kind == "language",
            found_before=known.listed_before,
        )
        listed_ids = {item.repo_id for item in listed}
        watched = [item for item in known.watched if item.repo_id not in listed_ids]
        candidates = [*listed, *watched]
        tell(
            Progress(
                "discover",
                source.key,
                f"{len(listed)} listed, {len(watched)} watched",
                len(candidates),
            )
        )
        attempts, quarantine, unread = await self._read(source, candidates, known)
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
            skipped=skipped_by_stream(attempts),
            incomplete=incomplete_by_stream(attempts),
            landed=landed,
            seconds=time.perf_counter() - begun,
        )

    async def _know(self, source: Source) -> KnownSource:
        """What the warehouse knows; whom it watches is read while the searches run."""
        known = await self._warehouse.work(
            lambda connection: known_source(
                connection, source, self._settings, self._as_of, with_files=self._with_files
            )
        )
        self._reader.begin(
            known.watched,
            known_files=file_dicts(known.files),
            with_workspaces=source.requires_nextjs,
        )
        return known

    async def _list(
        self, source: Source, knowing: Awaitable[KnownSource]
    ) -> tuple[list[Candidate], list[QueryOutcome]]:
        """What the source's queries list; nothing when they are not due."""
        if source.every_hours > 1 and not (await knowing).is_due(source, self._as_of):
            return [], []
        return await discover(self._client, source.queries(self._as_of), as_of=self._as_of)

    async def _read(
        self, source: Source, candidates: Sequence[Candidate], known: KnownSource
    ) -> tuple[list[Attempt], list[QuarantineRow], dict[str, str]]:
        watched = {item.repo_id for item in known.watched}
        added = [item for item in candidates if item.repo_id not in watched]
        stored = known.files
        if added and self._with_files:
            stored = stored | await self._warehouse.work(
                lambda connection: files_of(connection, added)
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
                streams=self._streams
                if isinstance(reading.core, Found)
                else self._streams & set(streams_of(REPOSITORIES.name)),
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
        batch = self._warehouse.batch(
            source,
            attempts,
            discovery=discovery_rows(outcomes) if "raw_discovery_queries" in self._tables else (),
            quarantine=quarantine,
        )
        return await self._warehouse.work(lambda connection: land(connection, batch))
