"""A world whose marketing assets were made, and clients over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.assets.marketing_run import materialise
from tests.web.conftest import NOW
from tests.web.repositories import AS_OF
from trender_web.app import create_app
from trender_web.config import WebConfig
from trender_web.data.store import Store


@pytest.fixture(scope="session")
def marketed_url(postgres_server: str, world_url: str) -> Iterator[str]:
    """A copy of the world with real-looking runs and every marketing asset materialised."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'world'"
        )
        connection.execute("drop database if exists marketed with (force)")
        connection.execute("create database marketed template world")
    url = postgres_server.replace("/trender?", "/marketed?")
    with psycopg.connect(url) as connection:
        record_runs(connection)
    make_marketing(url)
    yield url
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("drop database marketed with (force)")


def make_marketing(url: str) -> None:
    """Make every marketing asset, with criteria that some of the world's projects meet."""
    materialise(url, minimum_stars=200, growth_percent=5.0, growth_days=60)


def record_runs(connection: psycopg.Connection) -> None:
    """Thirty-two hourly runs as the execution sensor records them; two failed, one was tiny."""
    connection.execute("delete from analytics.fact_workflow_executions")
    for back in range(31, -1, -1):
        began = AS_OF - timedelta(hours=back)
        failed = back in (7, 19)
        wall = 8.0 + back % 3
        report = {
            "repositories": {
                "requests": {"search": 9, "graphql": 31}, "requests_total": 40,
                "points": {"graphql": 62}, "remaining": {"search": 18, "graphql": 4871},
                "not_modified": 4, "retries": {"502": 1}, "waited_seconds": 1.5, "bytes": 4_869_535,
            },
            "raw_star_history": {
                "requests": {"core": 84}, "points": {}, "remaining": {"core": 4790},
                "not_modified": 12, "retries": {}, "waited_seconds": 0, "bytes": 699_078,
                "skipped": {"first star history": 28, "workspaces": 3},
            },
        }  # fmt: skip
        steps = [
            {"name": "analytics", "status": "skipped" if failed else "success", "attempts": 1,
             "started_at": None if failed else began.timestamp() + 5, "streams": {},
             "seconds": None if failed else 2.5},
            {"name": "repositories", "status": "failure" if failed else "success",
             "started_at": began.timestamp() + 0.5, "seconds": 4.0, "attempts": 2,
             "streams": {"python": 2.1, "<b>go</b>": 1.7}},
        ]  # fmt: skip
        errors = {
            "steps": {"repositories": "GitHub answered 502 <i>five</i> times\nTraceback"},
            "sources": {"go": "circuit open"},
        }  # fmt: skip
        connection.execute(
            "insert into analytics.fact_workflow_executions (run_id, job_name, status, trigger, as_of,"
            " execution_date, finished_at, total_duration_seconds, repos_processed, tasks_executed,"
            " tasks_succeeded, tasks_failed, tasks_retried, parallel_speedup_factor,"
            " sequential_seconds, streams_failed, rows_raw, rows_staging, rows_facts, api_requests,"
            " api_points, steps, api_report, error_details, success_rate) values (%s, 'hourly', %s,"
            " 'schedule', %s, %s, %s, %s, %s, 2, %s, %s, 1, %s, 6.3, %s, 96, 96, %s, 124, 62, %s, %s,"
            " %s, %s)",
            [f"run-{began:%Y%m%d%H}", "failure" if failed else "success", began, began,
             began + timedelta(seconds=wall), wall, 96 + back, 1 if failed else 2, int(failed),
             None if back == 4 else 0.5 + back / 10, ["go"] if failed else [],
             None if failed else 96, Jsonb(steps), Jsonb(report), Jsonb(errors) if failed else None,
             0.5 if failed else 1.0],
        )  # fmt: skip
    connection.commit()


@pytest.fixture(scope="session")
def marketed(marketed_url: str, web: Callable[..., WebConfig]) -> Callable[..., WebConfig]:
    """Makes a configuration over the marketed world; keywords change it."""

    def configure(**changes: Any) -> WebConfig:
        return replace(web(), database_url=marketed_url, clock=lambda: NOW, **changes)

    return configure


@pytest.fixture
async def shared(marketed: Callable[..., WebConfig]) -> AsyncIterator[httpx.AsyncClient]:
    """A client over the marketed world."""
    config = marketed()
    store = Store(config)
    transport = httpx.ASGITransport(create_app(config, store), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as found:
        yield found
    store.close()


@pytest.fixture
def facts(marketed_url: str) -> Iterator[psycopg.Connection]:
    """The marketed world's database, to compare answers with."""
    with psycopg.connect(marketed_url, autocommit=True) as connection:
        yield connection
