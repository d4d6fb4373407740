"""Ingestion alone, without Dagster and dbt: real client, real simulator, real PostgreSQL.

Define here how a test reads sources under scripted faults. Whole runs belong to
`tests.integration.machine`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.integration.machine import EMPLOYEES, TOKEN, Simulator
from trender_assets.github.client import GitHubClient
from trender_assets.github.report import UsageReport
from trender_assets.raw.streams import tables
from trender_assets.settings import FileSettings
from trender_assets.trending.ingest import Ingestion
from trender_assets.trending.ingest_stars import StarFacts, StarIngestion
from trender_assets.trending.source_facts import SourceFacts
from trender_assets.trending.sources import Source, all_sources
from trender_assets.warehouse.http_cache import PostgresETagStore

NOW = "2026-11-05T10:00:00+00:00"
SEARCH = "/search/repositories"
SETTINGS = FileSettings(employees=EMPLOYEES)
SOURCES: dict[str, Source] = {source.key: source for source in all_sources(SETTINGS)}
EVERYTHING = frozenset({*(table.name for table, _ in tables()), "raw_discovery_queries"})
NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # when a run took place is of no interest here
LIGHT = frozenset({"raw_github_repos", "raw_discovery_queries"})


class SkippingClock:
    """The machine's clock, whose long sleeps are skipped and remembered."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def time(self) -> float:
        """Seconds since 1970, the skipped ones included."""
        return time.time() + self.skipped

    def monotonic(self) -> float:
        """Seconds that only grow, the skipped ones included."""
        return time.monotonic() + self.skipped

    async def sleep(self, seconds: float) -> None:
        """Sleep a little; time moves on by all of it."""
        short = min(seconds, 0.02)
        deadline = self.monotonic() + seconds
        await asyncio.sleep(short)
        self.skipped += max(deadline - self.monotonic(), 0.0)


@dataclass
class Reading:
    """What became of the sources, and what was asked for it."""

    facts: dict[str, SourceFacts]
    report: UsageReport
    seconds: float

    @property
    def failed(self) -> dict[str, str]:
        """Failed sources with their reason."""
        return {key: fact.failure for key, fact in self.facts.items() if fact.failure}


@dataclass
class Desk:
    """A simulator and a migrated warehouse, read directly."""

    simulator: Simulator
    url: str
    run: int = field(default=0)

    def read(
        self,
        *sources: str,
        as_of: str,
        tables: frozenset[str] = EVERYTHING,
        tokens: tuple[str, ...] = (TOKEN,),
        in_turn: bool = False,
    ) -> Reading:
        """Ingest sources (all by default) in one run of its own, at once or `in_turn`."""
        self.run += 1
        keys = sources or tuple(SOURCES)

        async def ingest() -> Reading:
            begun = time.perf_counter()
            async with self._client(tokens) as client:
                ingestion = Ingestion(
                    client=client,
                    warehouse_url=self.url,
                    run_id=f"run-{self.run}",
                    as_of=datetime.fromisoformat(as_of),
                    settings=SETTINGS,
                    tables=tables,
                )
                work = [ingestion.source(SOURCES[key]) for key in keys]
                found = [await one for one in work] if in_turn else await asyncio.gather(*work)
                ingestion.record_usage("repositories", NEVER, NEVER)
                seconds = time.perf_counter() - begun
                return Reading(dict(zip(keys, found, strict=True)), client.report, seconds)

        return asyncio.run(ingest())

    def read_stars(self, *sources: str, as_of: str) -> dict[str, StarFacts]:
        """Read due star histories of sources in the run before."""

        async def work() -> dict[str, StarFacts]:
            async with self._client((TOKEN,)) as client:
                stars = StarIngestion(
                    client=client,
                    warehouse_url=self.url,
                    run_id=f"run-{self.run}",
                    as_of=datetime.fromisoformat(as_of),
                    every_hours=24,
                )
                facts = await stars.sources([SOURCES[key] for key in sources])
                stars.record_usage("raw_star_history", NEVER, NEVER)
                return facts

        return asyncio.run(work())

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, parameters).fetchall()  # pyright: ignore

    def found(self, source: str) -> set[int]:
        """Repositories of a source that the newest run found."""
        rows = self.rows(
            "select repo_id from raw.fetch_log where run_id = %s and source = %s "
            "and stream = 'repos' and outcome = 'found'",
            f"run-{self.run}",
            source,
        )
        return {row[0] for row in rows}

    def _client(self, tokens: tuple[str, ...]) -> GitHubClient:
        return GitHubClient(
            tokens=tokens,
            api_base_url=self.simulator.url,
            cache=PostgresETagStore(self.url),
            clock=SkippingClock(),
        )


def expected(simulator: Simulator, as_of: str) -> dict[str, set[int]]:
    """By source, the repositories that are in truth to be found."""
    members: dict[str, set[int]] = {key: set() for key in SOURCES}
    for repo_id, fact in simulator.truth(as_of).items():
        for source in fact["sources"]:
            members[source].add(repo_id)
    return members
