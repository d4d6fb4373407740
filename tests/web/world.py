"""A small world for the dashboard's tests: raw rows as the pipeline lands them, then the real dbt.

The rows go through every model of `trender_dbt`; no analytics table but the record of runs is
written by hand. Define here how a database becomes the world; who lives in it is in
`repositories`, what GitHub says of them in `raw_rows`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.web.raw_rows import land
from tests.web.repositories import AS_OF, Repo, small_world
from trender_assets.dbt.runner import OTHER_STEPS
from trender_assets.warehouse.connect import postgres_environment

PROJECT = Path(__file__).resolve().parents[2] / "trender_dbt"


def record_run(
    connection: psycopg.Connection,
    as_of: datetime,
    status: str = "success",
    error: str | None = None,
) -> None:
    """One row of fact_workflow_executions."""
    connection.execute(
        "insert into analytics.fact_workflow_executions (run_id, job_name, status, trigger, as_of, execution_date, finished_at,"
        " total_duration_seconds, repos_processed, tasks_executed, tasks_succeeded, tasks_failed, tasks_retried,"
        " parallel_speedup_factor, sequential_seconds, languages_processed, streams_processed, streams_failed, rows_raw,"
        " rows_staging, rows_facts, api_requests, api_points, steps, api_report, error_details, success_rate) values"
        " (%s,'hourly',%s,'schedule',%s,%s,%s,8.4,96,12,11,1,1,2.7,22.7,%s,%s,'{}',400,96,96,210,180,%s,%s,%s,%s)",
        [f"run-{as_of:%Y%m%d%H}", status, as_of, as_of, as_of + timedelta(seconds=9), ["python", "typescript", "go"],
         ["repos", "stars"], Jsonb([{"name": "raw_github_repos", "status": "success", "started_at": as_of.timestamp(),
                                     "seconds": 4.2, "attempts": 1, "streams": {"python": 2.0, "go": 1.7}},
                                    {"name": "analytics", "status": status, "started_at": as_of.timestamp() + 4.3,
                                     "seconds": 3.1, "attempts": 2, "streams": {}}]),
         Jsonb({"requests": 210, "remaining": 4790}), Jsonb({"message": error}) if error else None,
         11 / 12 if status == "success" else 0.4],
    )  # fmt: skip
    connection.commit()


def run_dbt(url: str, target: Path) -> None:
    """Build every model of the real project that is measured into this database."""
    from dbt.cli.main import dbtRunner

    with pytest.MonkeyPatch.context() as patch:
        for variable, value in postgres_environment(url).items():
            patch.setenv(variable, value)
        outcome = dbtRunner().invoke(
            ["--quiet", "build", "--exclude-resource-type", "test",
             "--exclude", OTHER_STEPS, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
             "--target-path", str(target), "--log-path", str(target)]
        )  # fmt: skip
    if not outcome.success:
        details = [
            str(getattr(item, "message", "")) for item in getattr(outcome.result, "results", [])
        ]
        raise AssertionError(f"dbt failed: {outcome.exception} {json.dumps(details)[:2000]}")


def fill(url: str, target: Path, repos: Sequence[Repo] | None = None, days: int = 30) -> None:
    """Land `days` daily runs, record the newest ones and build the models."""
    runs = [AS_OF - timedelta(days=back) for back in range(days, -1, -1)]
    with psycopg.connect(url) as connection:
        land(connection, repos or small_world(), runs)
        for back in range(5, -1, -1):
            record_run(connection, AS_OF - timedelta(hours=back))
    run_dbt(url, target)


@contextmanager
def world_database(server: str, template: str, name: str, days: int) -> Iterator[str]:
    """A database of this name, filled and built; dropped at the end."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database {name} template "{template}"')
    url = server.replace("/trender?", f"/{name}?")
    with tempfile.TemporaryDirectory(prefix="trender-dbt-") as target:
        fill(url, Path(target), days=days)
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
