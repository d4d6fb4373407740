"""The views through which the dashboard knows what the pipeline did: they hold it, and stay."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.dbt.seen import Seen
from tests.dbt.warehouse import Warehouse
from trender_assets.warehouse.connect import connect

VIEWS = (
    "attempts", "quarantined_answers", "repositories_known", "repository_sources", "model_builds",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(module_warehouse: Warehouse) -> Warehouse:
    """One repository that was believed and one that was not."""
    module_warehouse.run("2026-05-20 12:00", [Seen(1, stars=5), Seen(2, stars=-1, created="no")])
    module_warehouse.build()
    return module_warehouse


def test_the_views_hold_what_happened(world: Warehouse) -> None:
    """Every attempt, every reason, every repository and source, every model."""
    attempts: Any = world.value("select count(*) from raw.fetch_log")
    assert world.value("select count(*) from analytics.attempts") == attempts > 2
    reasons = world.rows("select reason from analytics.quarantined_answers where repo_id = 2")
    assert len(reasons) == 2
    (known,) = world.rows("select * from analytics.repositories_known")
    assert (known["repo_id"], known["availability"]) == (1, "available")
    sources = world.rows("select source from analytics.repository_sources where repo_id = 1")
    assert sources == [{"source": "python"}]
    assert world.value("select count(*) from analytics.model_builds") == 9


def test_readers_may_read_them(world: Warehouse) -> None:
    """The role that only reads sees them although it owns none of the tables below."""
    with connect(world.url) as connection:
        connection.execute("set role trender_reader")
        for view in VIEWS:
            connection.execute(f"select * from analytics.{view} limit 1")  # type: ignore[arg-type]


def test_a_build_replaces_views_in_place(world: Warehouse) -> None:
    """dbt dropped a view, and with it those that read it: pages failed until the build was over."""
    before = world.value("select 'analytics.attempts'::regclass::oid::bigint")
    world.build("--select", "stg_fetch_log")
    assert world.value("select 'analytics.attempts'::regclass::oid::bigint") == before


def test_a_view_with_other_columns_is_made_anew(world: Warehouse) -> None:
    """PostgreSQL refuses to replace a view by one with other columns: the build goes on."""
    with connect(world.url) as connection:
        connection.execute("drop view analytics.repository_sources")
        connection.execute("create view analytics.repository_sources as select 1 as other, 2 as b")
        connection.commit()
    world.build("--select", "repository_sources")
    with pytest.raises(psycopg.errors.UndefinedColumn):
        world.rows("select other from analytics.repository_sources")
