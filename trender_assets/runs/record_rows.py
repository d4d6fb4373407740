"""The rows of fact_workflow_executions and the counts they need.

Define here what is read from the warehouse about a run and how its row is stored. Dagster's
event log is read by `record`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from trender_assets.warehouse.retry import in_transaction


@dataclass(frozen=True)
class ExecutionRow:
    """One finished run; see the table's columns. Times are UTC, durations seconds."""

    run_id: str
    job_name: str
    status: str
    trigger: str
    as_of: datetime | None
    execution_date: datetime
    finished_at: datetime
    total_duration_seconds: float
    repos_processed: int | None
    tasks_executed: int
    tasks_succeeded: int
    tasks_failed: int
    tasks_retried: int
    parallel_speedup_factor: float | None
    sequential_seconds: float | None
    languages_processed: list[str]
    streams_processed: list[str]
    streams_failed: list[str]
    rows_raw: int | None
    rows_staging: int | None
    rows_facts: int | None
    api_requests: int | None
    api_points: int | None
    steps: str
    api_report: str | None
    error_details: str | None
    success_rate: float | None


COLUMNS = tuple(column.name for column in fields(ExecutionRow))


@dataclass(frozen=True)
class LayerCounts:
    """How many repositories a run saw in each layer; None when it touched none."""

    as_of: datetime | None
    repositories: int | None
    raw: int | None
    staging: int | None
    facts: int | None


@dataclass(frozen=True)
class StreamOutcomes:
    """Which sources landed in a run, and which of them are languages."""

    succeeded: list[str]
    failed: dict[str, str]
    languages: set[str]


def recorded_run_ids(connection: psycopg.Connection) -> set[str]:
    """Runs that have their row."""
    rows = connection.execute("select run_id from analytics.fact_workflow_executions").fetchall()
    return {str(row[0]) for row in rows}


def store_execution(connection: psycopg.Connection, row: ExecutionRow) -> None:
    """Store a run's row; a run that has one keeps its first."""
    statement = sql.SQL(
        "insert into analytics.fact_workflow_executions ({}) values ({}) "
        "on conflict (run_id) do nothing"
    ).format(
        sql.SQL(", ").join(sql.Identifier(name) for name in COLUMNS),
        sql.SQL(", ").join(sql.Placeholder(name) for name in COLUMNS),
    )
    values = {name: getattr(row, name) for name in COLUMNS}
    in_transaction(connection, lambda cursor: cursor.execute(statement, values))


def store_failure(connection: psycopg.Connection, *, job_name: str, trigger: str, why: str) -> None:
    """Record a run that failed before it began: nothing was asked, nothing was read.

    Args:
        connection: The warehouse.
        job_name: What should have run.
        trigger: What started it.
        why: The reason, without secrets.
    """
    now = datetime.now(UTC)
    unknown: dict[str, Any] = dict.fromkeys(COLUMNS)
    nothing: dict[str, Any] = {
        "tasks_executed": 0,
        "tasks_succeeded": 0,
        "tasks_failed": 0,
        "tasks_retried": 0,
        "languages_processed": [],
        "streams_processed": [],
        "streams_failed": [],
        "steps": "[]",
        "total_duration_seconds": 0.0,
    }
    known = {
        "run_id": str(uuid.uuid4()),
        "job_name": job_name,
        "status": "failure",
        "trigger": trigger,
        "execution_date": now,
        "finished_at": now,
        "error_details": json.dumps({"message": why, "steps": {}, "sources": {}}),
    }
    store_execution(connection, ExecutionRow(**{**unknown, **nothing, **known}))


def api_reports(connection: psycopg.Connection, run_id: str) -> dict[str, dict[str, Any]]:
    """What each asset of a run asked of GitHub, by step name."""
    rows = connection.execute(
        "select asset, report from raw.api_usage where run_id = %s order by id", [run_id]
    ).fetchall()
    return {str(asset): report for asset, report in rows}


def stream_outcomes(connection: psycopg.Connection, run_id: str) -> StreamOutcomes:
    """Sources with a query or a reading in a run; failed when no query of theirs answered."""
    rows = connection.execute(
        """
        with asked as (
            select source, bool_or(outcome <> 'unknown') as answered, min(reason) as reason
            from raw.raw_discovery_queries where run_id = %(run)s group by source
        ),
        landed as (
            select distinct source from raw.fetch_log where run_id = %(run)s
        )
        select coalesce(asked.source, landed.source), coalesce(asked.answered, true),
            asked.reason,
            exists (select 1 from raw.raw_github_repos as raw
                where raw.source = coalesce(asked.source, landed.source)
                    and raw.source_type = 'trending')
        from asked full join landed on asked.source = landed.source
        """,
        {"run": run_id},
    ).fetchall()
    return StreamOutcomes(
        succeeded=sorted(row[0] for row in rows if row[1]),
        failed={row[0]: str(row[2] or "no query answered") for row in rows if not row[1]},
        languages={row[0] for row in rows if row[3]},
    )


def layer_counts(connection: psycopg.Connection, run_id: str) -> LayerCounts:
    """How many repositories of a run reached raw, staging and the facts."""
    row = connection.execute(
        "select max(as_of), count(distinct repo_id) from raw.fetch_log "
        "where run_id = %s and stream = 'repos' and outcome = 'found'",
        [run_id],
    ).fetchone()
    if row is None or row[0] is None:
        return LayerCounts(None, None, None, None, None)
    as_of, raw = row[0], int(row[1])
    staging = _count(connection, "staging.stg_repos_validated", as_of)
    facts = _count(connection, "analytics.fact_repo_snapshots_hourly", as_of)
    return LayerCounts(as_of, raw, raw, staging, facts)


def _count(connection: psycopg.Connection, table: str, as_of: datetime) -> int | None:
    exists = connection.execute("select to_regclass(%s)", [table]).fetchone()
    if exists is None or exists[0] is None:
        return None
    row = connection.execute(
        sql.SQL("select count(*) from {} where as_of = %s").format(
            sql.Identifier(*table.split("."))
        ),
        [as_of],
    ).fetchone()
    return int(row[0]) if row else None


def unknown_readings(connection: psycopg.Connection, run_ids: Sequence[str]) -> dict[str, int]:
    """How many readings of some runs are unknown or not whole, by stream.

    What was skipped for lack of budget is not counted: it was never asked.
    """
    rows = connection.execute(
        "select stream, count(*) from raw.fetch_log where run_id = any(%s) "
        "and (outcome = 'unknown' and not starts_with(coalesce(reason, ''), 'skipped: ') "
        "or outcome = 'found' and starts_with(reason, 'incomplete: ')) "
        "group by stream order by stream",
        [list(run_ids)],
    ).fetchall()
    return {stream: int(count) for stream, count in rows}
