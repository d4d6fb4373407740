"""The condition of the pipeline, read from the database alone: runs, ages, schedule, budget.

Define here what `status` and `doctor` know without a running Dagster. How it is worded belongs
to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from psycopg.rows import dict_row

from trender_assets.commands.cost import budget_left

if TYPE_CHECKING:
    from trender_assets.settings import Settings

SCHEDULE = "hourly"
HEARTBEAT_SECONDS = 300
ACTIVE = ["QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING"]


@dataclass(frozen=True)
class Schedule:
    """The hourly schedule.

    Attributes:
        state: running; stopped by somebody; or no_daemon when nothing would tick it.
        heartbeat: When Dagster's scheduler was last alive (UTC), or None.
        next_tick: The next full hour (UTC), or None unless it is running.
    """

    state: Literal["running", "stopped", "no_daemon"]
    heartbeat: datetime | None
    next_tick: datetime | None


@dataclass(frozen=True)
class SourceAge:
    """When a source last brought something (UTC, the run's logical time); None means never."""

    source: str
    as_of: datetime | None


def watched(settings: Settings) -> list[str]:
    """The sources that can bring something; employees only when somebody is configured."""
    from trender_assets.trending.sources import all_sources

    return [
        source.key
        for source in all_sources(settings.file)
        if source.kind != "employees" or source.members
    ]


def last_runs(connection: psycopg.Connection, limit: int) -> list[dict[str, Any]]:
    """The newest finished runs, newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select run_id, job_name, status, trigger, execution_date, total_duration_seconds,
                   repos_processed, tasks_retried, parallel_speedup_factor, streams_failed,
                   api_requests, api_points
            from analytics.fact_workflow_executions
            order by execution_date desc limit %s
            """,
            [limit],
        ).fetchall()


def active_runs(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Runs that Dagster believes are queued or going on."""
    if not _exists(connection, "runs"):
        return []
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select run_id, pipeline_name as job_name, lower(status) as status,
                   create_timestamp at time zone 'UTC' as created_at
            from runs where status = any(%s) order by id desc limit 5
            """,
            [ACTIVE],
        ).fetchall()


def source_ages(connection: psycopg.Connection, sources: Sequence[str]) -> list[SourceAge]:
    """When each source last brought repositories."""
    ages = []
    for source in sources:
        row = connection.execute(
            """
            select as_of from raw.fetch_log
            where stream = 'repos' and source = %s and outcome = 'found'
            order by as_of desc limit 1
            """,
            [source],
        ).fetchone()
        ages.append(SourceAge(source, None if row is None else row[0].astimezone(UTC)))
    return ages


def schedule(connection: psycopg.Connection, now: datetime) -> Schedule:
    """Whether the hourly schedule is on and something ticks it.

    A schedule nobody touched is on, because its default status is running.
    """
    heartbeat = None
    if _exists(connection, "daemon_heartbeats"):
        row = connection.execute(
            "select max(timestamp) from daemon_heartbeats where daemon_type = 'SCHEDULER'"
        ).fetchone()
        if row is not None and row[0] is not None:
            heartbeat = row[0].replace(tzinfo=UTC)
    stopped = False
    if _exists(connection, "instigators"):
        row = connection.execute(
            """
            select status from instigators
            where instigator_type = 'SCHEDULE' and instigator_body like %s
            order by update_timestamp desc limit 1
            """,
            [f'%"{SCHEDULE}"%'],
        ).fetchone()
        stopped = row is not None and row[0] == "STOPPED"
    if stopped:
        return Schedule("stopped", heartbeat, None)
    if heartbeat is None or now - heartbeat > timedelta(seconds=HEARTBEAT_SECONDS):
        return Schedule("no_daemon", heartbeat, None)
    tick = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return Schedule("running", heartbeat, tick)


def last_budget(connection: psycopg.Connection) -> tuple[dict[str, int], datetime | None]:
    """What GitHub's budgets had left when the newest run that asked it ended."""
    row = connection.execute(
        """
        select api_report, finished_at from analytics.fact_workflow_executions
        where api_report is not null and api_report <> '{}'::jsonb
        order by execution_date desc limit 1
        """
    ).fetchone()
    if row is None:
        return {}, None
    return budget_left(row[0]), row[1].astimezone(UTC)


def _exists(connection: psycopg.Connection, table: str) -> bool:
    return connection.execute("select to_regclass(%s)", [table]).fetchone() != (None,)
