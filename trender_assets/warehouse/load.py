"""Landing what a source brought: COPY into the raw layer, one transaction a source.

Define here how rows get into raw tables: appended when the payload changed, logged always.
What the rows mean belongs to dbt; how they were fetched to `github/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from trender_assets.warehouse.retry import in_transaction
from trender_assets.warehouse.rows import Attempt, SourceBatch, Stream

LOAD_LOCK = 7_305_002
METRIC_STREAMS = ("commits", "issues", "contributors")


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


@dataclass(frozen=True)
class _Target:
    """Where a group of streams lands: the table and the columns that only it has."""

    table: str
    payload_column: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]


TARGETS: dict[Stream, _Target] = {
    "repos": _Target(
        "raw_github_repos",
        "api_response",
        ("source_type", "source_language", "node_id"),
        ("repo_id",),
    ),
    "stars": _Target("raw_star_history", "weeks", (), ("repo_id",)),
    "files": _Target("raw_repo_files", "files", (), ("repo_id",)),
}
METRICS_TARGET = _Target(
    "raw_repo_metrics",
    "metric_data",
    ("metric_type", "window_start", "window_end", "is_truncated"),
    ("repo_id", "metric_type"),
)


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
    added: dict[str, int] = {}
    for stream, target in TARGETS.items():
        attempts = [item for item in batch.attempts if item.stream == stream]
        added[stream] = _append(cursor, batch, target, attempts)
    metrics = [item for item in batch.attempts if item.stream in METRIC_STREAMS]
    added["metrics"] = _append(cursor, batch, METRICS_TARGET, metrics)
    _copy(
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
    _copy(
        cursor,
        "raw.raw_quarantine",
        "run_id source stream repo_id repo_full_name reason payload as_of fetched_at",
        (
            (
                batch.run_id,
                batch.source,
                row.stream,
                row.repo_id,
                row.repo_full_name,
                row.reason,
                row.payload,
                batch.as_of,
                row.fetched_at,
            )
            for row in batch.quarantine
        ),
    )
    return Landed(
        attempts=_count(batch.attempts),
        found=_count(item for item in batch.attempts if item.outcome == "found"),
        added={stream: count for stream, count in added.items() if count},
        quarantined=len(batch.quarantine),
    )


INCOMING_COLUMNS = (
    "position stream repo_id repo_full_name node_id outcome reason payload payload_sha256 "
    "payload_bytes window_start window_end is_truncated discovered_by fetched_at raw_id"
)
CREATE_INCOMING = """
create temporary table incoming (
    position integer, stream text, repo_id bigint, repo_full_name text, node_id text,
    outcome text, reason text, payload jsonb, payload_sha256 text, payload_bytes bytea,
    window_start timestamptz, window_end timestamptz, is_truncated boolean,
    discovered_by text[], fetched_at timestamptz, raw_id bigint
) on commit drop
"""


def _append(
    cursor: psycopg.Cursor, batch: SourceBatch, target: _Target, attempts: Sequence[Attempt]
) -> int:
    """Append changed payloads to a raw table and every attempt to the fetch log."""
    if not attempts:
        return 0
    cursor.execute(CREATE_INCOMING)
    _copy(cursor, "incoming", INCOMING_COLUMNS, (_incoming(n, a) for n, a in enumerate(attempts)))
    constants = {
        "run_id": batch.run_id,
        "source": batch.source,
        "source_type": batch.source_type,
        "source_language": batch.source_language,
        "as_of": batch.as_of,
    }
    cursor.execute(_append_statement(target), constants)
    row = cursor.fetchone()
    cursor.execute("drop table incoming")
    return int(row[0]) if row else 0


EXPRESSIONS = {
    "source_type": "%(source_type)s",
    "source_language": "%(source_language)s",
    "metric_type": "incoming.stream",
}


def _append_statement(target: _Target) -> sql.Composed:
    same = " and ".join(
        f"stored.{column} = incoming.{EXPRESSIONS[column].split('.')[1]}"
        if column in EXPRESSIONS
        else f"stored.{column} = incoming.{column}"
        for column in target.identity
    )
    key = "repo_id, stream" if "metric_type" in target.identity else "repo_id"
    returned = "repo_id, metric_type as stream" if "metric_type" in target.identity else "repo_id"
    match_added = (
        "added.repo_id = incoming.repo_id and added.stream = incoming.stream"
        if "metric_type" in target.identity
        else "added.repo_id = incoming.repo_id"
    )
    names = ["source", "repo_id", "repo_full_name", *target.columns]
    values = ["%(source)s", "incoming.repo_id", "incoming.repo_full_name"] + [
        EXPRESSIONS.get(column, f"incoming.{column}") for column in target.columns
    ]
    text = f"""
    with newest as (
        select incoming.position, stored.id, stored.payload_sha256
        from incoming
        left join lateral (
            select stored.id, stored.payload_sha256 from raw.{target.table} as stored
            where {same} order by stored.id desc limit 1
        ) as stored on true
        where incoming.repo_id is not null
    ),
    added as (
        insert into raw.{target.table} (
            {", ".join(names)}, {target.payload_column}, payload_sha256, payload_bytes,
            fetch_timestamp, run_id
        )
        select distinct on ({", ".join(f"incoming.{part.strip()}" for part in key.split(","))})
            {", ".join(values)}, incoming.payload, incoming.payload_sha256,
            incoming.payload_bytes, incoming.fetched_at, %(run_id)s
        from incoming
        inner join newest on incoming.position = newest.position
        where incoming.payload is not null
            and newest.payload_sha256 is distinct from incoming.payload_sha256
        order by {", ".join(f"incoming.{part.strip()}" for part in key.split(","))},
            incoming.position
        returning id, {returned}
    ),
    logged as (
        insert into raw.fetch_log (
            run_id, stream, source, repo_id, repo_full_name, outcome, reason, raw_id,
            discovered_by, as_of, fetched_at
        )
        select
            %(run_id)s, incoming.stream, %(source)s, incoming.repo_id, incoming.repo_full_name,
            incoming.outcome, incoming.reason,
            case when incoming.outcome = 'found'
                then coalesce(added.id, incoming.raw_id, newest.id) end,
            incoming.discovered_by, %(as_of)s, incoming.fetched_at
        from incoming
        left join newest on incoming.position = newest.position
        left join added on {match_added}
        order by incoming.position
        returning 1
    )
    select (select count(*) from added) as added, (select count(*) from logged) as logged
    """  # noqa: S608 - only this module's own column and table names are put in
    return sql.SQL(text).format()  # pyright: ignore[reportArgumentType]


def _incoming(position: int, attempt: Attempt) -> tuple[Any, ...]:
    payload = attempt.payload
    return (
        position,
        attempt.stream,
        attempt.repo_id,
        attempt.repo_full_name,
        attempt.node_id,
        attempt.outcome,
        attempt.reason,
        payload.json_text if payload else None,
        payload.sha256 if payload else None,
        payload.exact if payload else None,
        attempt.window_start,
        attempt.window_end,
        attempt.is_truncated,
        list(attempt.discovered_by),
        attempt.fetched_at,
        attempt.raw_id,
    )


def _copy(
    cursor: psycopg.Cursor, table: str, columns: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns.split()),
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


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
