"""Landing what a source brought: COPY into the raw layer, one transaction a source.

Define here how rows get into raw tables: appended when the payload changed, logged always.
What the rows mean belongs to dbt; how they were fetched to the wings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from trender_assets.raw.append import append, copy_rows
from trender_assets.raw.rows import Attempt, QuarantineRow, SourceBatch
from trender_assets.raw.streams import tables
from trender_assets.warehouse.retry import in_transaction

LOAD_LOCK = 7_305_002


@dataclass(frozen=True)
class Landed:
    """What a landing did, by stream.

    Attributes:
        attempts: Rows added to the fetch log.
        found: Attempts that found something.
        added: Raw rows added because the payload was new.
        quarantined: Answers set aside.
    """

    attempts: dict[str, int]
    found: dict[str, int]
    added: dict[str, int]
    quarantined: int


def land(connection: psycopg.Connection, batch: SourceBatch) -> Landed:
    """Write what a source brought, all or nothing.

    Loads are serialised, so that the fetch log's ids are in commit order: dbt reads what is
    new by id.

    Args:
        connection: A connection without an open transaction.
        batch: The source's attempts, query counts and quarantined answers.

    Raises:
        psycopg.Error: When the transaction failed for good; nothing was written.
    """
    return in_transaction(connection, lambda cursor: _land(cursor, batch))


def _land(cursor: psycopg.Cursor, batch: SourceBatch) -> Landed:
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOAD_LOCK])
    constants = {
        "run_id": batch.run_id,
        "source": batch.source,
        "source_type": batch.source_type,
        "source_language": batch.source_language,
        "as_of": batch.as_of,
    }
    added = {
        table.key: append(
            cursor, table, [item for item in batch.attempts if item.stream in streams], constants
        )
        for table, streams in tables()
    }
    copy_rows(
        cursor,
        "raw.raw_discovery_queries",
        "run_id source query_name endpoint query outcome reason total_count items_seen pages "
        "incomplete_results is_capped as_of fetched_at",
        (
            (
                batch.run_id,
                batch.source,
                row.query_name,
                row.endpoint,
                row.query,
                row.outcome,
                row.reason,
                row.total_count,
                row.items_seen,
                row.pages,
                row.incomplete_results,
                row.is_capped,
                batch.as_of,
                row.fetched_at,
            )
            for row in batch.discovery
        ),
    )
    _quarantine(cursor, batch.quarantine, batch.run_id, batch.as_of, batch.source)
    return Landed(
        attempts=_count(batch.attempts),
        found=_count(item for item in batch.attempts if item.outcome == "found"),
        added={name: count for name, count in added.items() if count},
        quarantined=len(batch.quarantine),
    )


def set_aside(
    connection: psycopg.Connection, rows: Sequence[QuarantineRow], *, run_id: str, as_of: datetime
) -> None:
    """Store answers that could not be read and that served no single source."""
    if rows:
        in_transaction(connection, lambda cursor: _quarantine(cursor, rows, run_id, as_of, None))


def _quarantine(
    cursor: psycopg.Cursor,
    rows: Sequence[QuarantineRow],
    run_id: str,
    as_of: datetime,
    source: str | None,
) -> None:
    copy_rows(
        cursor,
        "raw.raw_quarantine",
        "run_id source stream repo_id repo_full_name reason payload payload_size payload_sha256 "
        "request as_of fetched_at",
        (
            (
                run_id,
                source,
                row.stream,
                row.repo_id,
                row.repo_full_name,
                row.reason,
                row.payload,
                row.payload_size,
                row.payload_sha256,
                row.request,
                as_of,
                row.fetched_at,
            )
            for row in rows
        ),
    )


def _count(attempts: Iterable[Attempt]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for attempt in attempts:
        counts[attempt.stream] = counts.get(attempt.stream, 0) + 1
    return counts


def record_api_usage(
    connection: psycopg.Connection,
    *,
    run_id: str,
    asset: str,
    as_of: datetime,
    started_at: datetime,
    finished_at: datetime,
    report_json: str,
) -> None:
    """Store what an asset asked of GitHub in a run."""
    in_transaction(
        connection,
        lambda cursor: cursor.execute(
            "insert into raw.api_usage (run_id, asset, as_of, started_at, finished_at, report) "
            "values (%s, %s, %s, %s, %s, %s)",
            [run_id, asset, as_of, started_at, finished_at, report_json],
        ),
    )
