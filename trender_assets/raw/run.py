"""The warehouse as one run's ingestion uses it.

Define here what every stream's ingestion does with the warehouse: work beside the reading, rows
under the run's name, the record of what GitHub was asked. Which rows those are belongs to `ingest`
and `ingest_stars`, how they are written to `load`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import psycopg

from trender_assets.raw.load import record_api_usage, set_aside
from trender_assets.raw.rows import Attempt, DiscoveryRow, QuarantineRow, SourceBatch
from trender_assets.warehouse.connect import PATIENCE_SECONDS, connect

T = TypeVar("T")


class Source(Protocol):
    """What a row says of where it came from; a wing defines its own sources."""

    @property
    def key(self) -> str:
        """The partition key."""
        ...

    @property
    def source_type(self) -> str:
        """Which kind of source it is."""
        ...

    @property
    def language(self) -> str | None:
        """GitHub's name of its language, if it has one."""
        ...


@dataclass(frozen=True)
class RunWarehouse:
    """The warehouse, for one run.

    Attributes:
        url: Where it is; holds a password.
        run_id: The run, for the record.
        as_of: The run's logical time (UTC).
    """

    url: str = field(repr=False)
    run_id: str
    as_of: datetime

    async def work(self, do: Callable[[psycopg.Connection], T]) -> T:
        """Do database work in a thread, so that reading goes on meanwhile."""

        def connected() -> T:
            with connect(self.url, patience=PATIENCE_SECONDS) as connection:
                return do(connection)

        return await asyncio.to_thread(connected)

    def batch(
        self,
        source: Source,
        attempts: Iterable[Attempt],
        *,
        discovery: Iterable[DiscoveryRow] = (),
        quarantine: Iterable[QuarantineRow] = (),
    ) -> SourceBatch:
        """What this run brought of one source."""
        return SourceBatch(
            run_id=self.run_id,
            as_of=self.as_of,
            source=source.key,
            source_type=source.source_type,
            source_language=source.language,
            attempts=tuple(attempts),
            discovery=tuple(discovery),
            quarantine=tuple(quarantine),
        )

    def record_usage(
        self,
        asset: str,
        started_at: datetime,
        finished_at: datetime,
        report: Mapping[str, Any],
        unreadable: Sequence[QuarantineRow],
    ) -> None:
        """Store what an asset of this run asked of GitHub, and what it could not read of it."""
        with connect(self.url, patience=PATIENCE_SECONDS) as connection:
            record_api_usage(
                connection,
                run_id=self.run_id,
                asset=asset,
                as_of=self.as_of,
                started_at=started_at,
                finished_at=finished_at,
                report_json=json.dumps(report),
            )
            set_aside(connection, unreadable, run_id=self.run_id, as_of=self.as_of)
