"""While a build of the models goes on, every page is of the state before it, whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from tests.web.conftest import client_of
from trender_assets.dbt import building
from trender_assets.warehouse.connect import postgres_environment
from trender_assets.warehouse.errors import WarehouseUnavailable
from trender_web.config import WebConfig
from trender_web.data import published
from trender_web.data.store import Reading, Store


@pytest.fixture
def models(world_copy: str) -> Iterator[psycopg.Connection]:
    """What a build does to the tables, model by model."""
    with psycopg.connect(world_copy, autocommit=True) as connection:
        yield connection


@contextmanager
def a_build(url: str) -> Iterator[None]:
    with building.announced(postgres_environment(url)):
        yield


def commit_a_model(models: psycopg.Connection, text: str) -> None:
    models.execute("update analytics.repositories_current set description = %s", [text])


async def state(client: httpx.AsyncClient, path: str = "/trending.json?limit=1") -> tuple[str, str]:
    answer = await client.get(path)
    assert answer.status_code == 200
    return answer.json()["data"][0]["description"], answer.json()["meta"]["data_version"]


def test_both_sides_mean_the_same_lock() -> None:
    assert published.BUILD_LOCK == building.BUILD_LOCK


async def test_a_page_nobody_asked_for_before_is_of_the_state_before_the_build(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    async with client_of(web(database_url=world_copy)) as client:
        commit_a_model(models, "before")
        text, version = await state(client)
        assert text == "before"
        with a_build(world_copy):
            commit_a_model(models, "half done")
            models.execute("update analytics.fact_repo_snapshots set stars = 1")
            assert await state(client) == ("before", version)
            assert await state(client, "/trending.json?limit=2") == ("before", version)
            new = await client.get("/repo/someone/blueprint.json")
            assert new.json()["meta"]["data_version"] == version
            assert new.json()["data"]["stars"] > 1
            assert {day["stars"] for day in new.json()["data"]["history"]} != {1}
        text, after = await state(client)
        assert text == "half done" and after != version


async def test_a_builder_that_died_holds_nothing_up(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    async with client_of(web(database_url=world_copy)) as client:
        await state(client)
        with pytest.raises(WarehouseUnavailable, match="was cut"), a_build(world_copy):
            commit_a_model(models, "the last it did")
            assert (await state(client))[0] != "the last it did"
            ended = models.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                "where datname = current_database() and application_name = 'trender-build'"
            ).fetchall()
            assert ended == [(True,)]
            assert (await state(client))[0] == "the last it did"


async def test_the_hold_is_bounded(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    """A build that never ends must not keep PostgreSQL from cleaning up for ever."""
    async with client_of(web(database_url=world_copy, hold_seconds=0.0)) as client:
        await state(client)
        with a_build(world_copy):
            commit_a_model(models, "too late to wait")
            assert (await state(client))[0] == "too late to wait"


async def test_whoever_starts_in_the_middle_of_a_build_answers(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    with a_build(world_copy):
        commit_a_model(models, "first")
        async with client_of(web(database_url=world_copy)) as client:
            assert (await state(client))[0] == "first"
            commit_a_model(models, "second")
            assert (await state(client))[0] == "second"


def test_replaced_tables_are_never_read_as_empty(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    """A full refresh puts new tables in place; an older snapshot sees no row of theirs."""
    store = Store(web(database_url=world_copy))

    def days(reading: Reading) -> int:
        return reading.execute("select count(*) as days from fact_star_days")[0]["days"]

    before, version = store.read(days), store.version()
    with a_build(world_copy):
        models.execute("set lock_timeout = '3s'")
        models.execute(
            "create table analytics.renewed (like analytics.fact_star_days including all);"
            "insert into analytics.renewed select * from analytics.fact_star_days;"
            "drop table analytics.fact_star_days;"
            "alter table analytics.renewed rename to fact_star_days;"
            "grant select on analytics.fact_star_days to trender_reader"
        )
        assert store.read(days) == before > 50
        commit_a_model(models, "of the new generation")
        assert store.version().token != version.token
    store.close()


async def test_the_holder_locks_no_table(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    """Or a full refresh and a migration would wait for the dashboard."""
    async with client_of(web(database_url=world_copy)) as client:
        await state(client)
        held = models.execute(
            """
            select relation::regclass::text from pg_locks
            join pg_stat_activity using (pid)
            where application_name = 'trender-web' and datname = current_database()
                and locktype = 'relation' and relation >= 16384
            """
        ).fetchall()
        assert held == []
        holders = models.execute(
            "select count(*) from pg_stat_activity where application_name = 'trender-web' "
            "and datname = current_database() and state = 'idle in transaction'"
        ).fetchone()
        assert holders is not None and 1 <= holders[0] <= 2


async def test_a_holder_that_was_ended_is_replaced(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    config = web(database_url=world_copy, version_seconds=60.0)
    async with client_of(config) as client:
        await state(client)
        models.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where application_name = 'trender-web' and datname = current_database() "
            "and state = 'idle in transaction'"
        )
        answer = await client.get("/language/go.json")
        assert answer.status_code == 200


def test_the_snapshot_is_renewed_when_nobody_asks(
    web: Callable[..., WebConfig], world_copy: str, models: psycopg.Connection
) -> None:
    """The first page of a build is of the state just before it, however long nobody came."""
    store = Store(web(database_url=world_copy, keep_seconds=0.05))
    first = store.version().token
    commit_a_model(models, "nobody asked")
    deadline = time.monotonic() + 10
    snapshot = store._published._published
    while store._published._published is snapshot and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.15)
    with a_build(world_copy):
        commit_a_model(models, "half done")

        def text(reading):
            return reading.execute("select min(description) as d from repositories_current")[0]["d"]

        assert store.read(text) == "nobody asked"
        assert store.version().token != first
    store.close()
    assert store._published._holders == []
