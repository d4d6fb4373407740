"""`trender status`: what the database alone knows of runs, ages, schedule and budget."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from trender_assets.commands import condition
from trender_assets.commands.status import words
from trender_assets.commands.terminal import ago
from trender_assets.warehouse.connect import connect

from .conftest import Machine

NOW = datetime(2026, 11, 25, 9, 12, 30, tzinfo=UTC)


@pytest.fixture
def connection(warehouse_url: str) -> psycopg.Connection:
    return connect(warehouse_url, autocommit=True)


def _dagster_tables(connection: psycopg.Connection) -> None:
    """Dagster's own tables, as far as they are read; columns as in Dagster 1.13."""
    connection.execute(
        """
        create table dagster.daemon_heartbeats (daemon_type text, timestamp timestamp);
        create table dagster.instigators (
            status text, instigator_type text, instigator_body text, update_timestamp timestamp);
        create table dagster.runs (
            id bigint generated always as identity, run_id text, pipeline_name text,
            status text, create_timestamp timestamp)
        """
    )


def test_the_schedule_without_dagster(connection: psycopg.Connection) -> None:
    timing = condition.schedule(connection, NOW)
    assert timing == condition.Schedule("no_daemon", None, None)
    assert "trender dev" in words(timing, NOW)


def test_the_schedule_ticks_when_the_daemon_lives(connection: psycopg.Connection) -> None:
    _dagster_tables(connection)
    connection.execute(
        "insert into daemon_heartbeats values ('SCHEDULER', %s), ('SENSOR', %s)",
        [(NOW - timedelta(seconds=40)).replace(tzinfo=None), NOW.replace(tzinfo=None)],
    )
    timing = condition.schedule(connection, NOW)
    assert timing.state == "running"
    assert timing.next_tick == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    assert words(timing, NOW) == "on; next run at 10:00 UTC, in 47 min"
    later = condition.schedule(connection, NOW + timedelta(minutes=10))
    assert later.state == "no_daemon"
    assert "last seen 10 min ago" in words(later, NOW + timedelta(minutes=10))


def test_a_schedule_that_somebody_stopped(connection: psycopg.Connection) -> None:
    """It says stopped, and promises no next run."""
    _dagster_tables(connection)
    connection.execute(
        "insert into daemon_heartbeats values ('SCHEDULER', %s)", [NOW.replace(tzinfo=None)]
    )
    connection.execute(
        """
        insert into instigators values
            ('STOPPED', 'SENSOR', '{"instigator_name": "hourly"}', now()),
            ('STOPPED', 'SCHEDULE', '{"instigator_name": "hourly"}', now())
        """
    )
    timing = condition.schedule(connection, NOW)
    assert (timing.state, timing.next_tick) == ("stopped", None)
    connection.execute("update instigators set status = 'RUNNING'")
    assert condition.schedule(connection, NOW).state == "running"


def test_ages_are_those_of_what_was_found(connection: psycopg.Connection) -> None:
    connection.execute(
        """
        insert into raw.fetch_log
            (run_id, stream, source, repo_id, repo_full_name, outcome, as_of, fetched_at)
        values ('r', 'repos', 'python', 1, 'a/b', 'found', '2026-11-25 08:00+00', now()),
               ('r', 'repos', 'python', 1, 'a/b', 'unknown', '2026-11-25 09:00+00', now()),
               ('r', 'stars', 'go', 1, 'a/b', 'found', '2026-11-25 09:00+00', now())
        """
    )
    ages = condition.source_ages(connection, ["python", "go"])
    assert ages[0].as_of == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert ages[1].as_of is None


def test_runs_and_budget_as_json(machine: Machine, warehouse_url: str) -> None:
    with connect(warehouse_url, autocommit=True) as connection:
        _dagster_tables(connection)
        connection.execute(
            "insert into runs (run_id, pipeline_name, status, create_timestamp)"
            " values ('going', 'hourly_refresh', 'STARTED', now()), ('over', 'x', 'SUCCESS', now())"
        )
        connection.execute(
            """
            insert into analytics.fact_workflow_executions
                (run_id, job_name, status, trigger, execution_date, finished_at,
                 total_duration_seconds, repos_processed, tasks_executed, tasks_succeeded,
                 tasks_failed, tasks_retried, api_requests, streams_failed, api_report)
            values ('one', 'hourly_refresh', 'failure', 'schedule', now(), now(), 9.5, 300, 8, 7,
                    1, 0, 60, '{go}',
                    '{"a": {"remaining": {"core": 4000, "graphql": 10}}, "b": {"remaining": {"core": 3990}}}')
            """
        )
    answer = machine.trender("status", "--json", DATABASE_URL=warehouse_url)
    assert answer.returncode == 0, answer.stderr
    facts = json.loads(answer.stdout)
    assert [run["run_id"] for run in facts["active_runs"]] == ["going"]
    assert facts["runs"][0]["run_id"] == "one"
    assert facts["runs"][0]["streams_failed"] == ["go"]
    assert facts["budget"]["left"] == {"core": 3990, "graphql": 10}
    assert facts["schedule"]["state"] == "no_daemon"
    assert {"source": "python", "as_of": None} in facts["sources"]
    text = machine.trender("status", DATABASE_URL=warehouse_url).stdout
    assert "failed: go" in text and "core 3,990" in text and "never" in text
    assert "\x1b[" not in text


def test_an_empty_database_says_how_to_begin(machine: Machine, warehouse_url: str) -> None:
    text = machine.trender("status", DATABASE_URL=warehouse_url).stdout
    assert "none yet; `trender refresh` or `trender demo`" in text
    assert "unknown: no run asked yet" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (7100, "118 min ago"),
        (7200, "2 h ago"),
        (170000, "47 h ago"),
        (172800, "2 d ago"),
    ],
)
def test_ages_in_words(seconds: int, text: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == text
    assert ago(None, NOW) == "never"
