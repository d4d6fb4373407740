"""The dashboard reads the analytics schema and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

import trender_web
from tests.web.conftest import client_of
from tests.web.pages import EVERYTHING, OTHER_PAGES
from trender_web.answer.templating import TEMPLATES
from trender_web.config import WebConfig
from trender_web.data.statements import QUERIES
from trender_web.data.store import Store

FILES = sorted(Path(trender_web.__file__).parent.rglob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_reads_analytics_alone(path: Path) -> None:
    """27 of 52 queries read tables of the layers below, so no table there could change its shape
    without a page breaking."""
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    assert re.findall(r"\b(raw|staging|dagster|public)\.\w+", text) == []


def test_no_two_queries_or_templates_share_a_name() -> None:
    """They are found by their names alone, so a second one would silently stand for the first."""
    assert sorted(QUERIES.values()) == FILES
    templates = [path.name for folder in TEMPLATES for path in folder.iterdir()
                 if path.suffix in (".html", ".atom", ".xml")]  # fmt: skip
    assert len(templates) == len(set(templates)) > 10


def test_the_readiness_query_touches_every_relation() -> None:
    """It touched 9 of 23, so a process whose pages failed for a revoked right called itself ready."""
    read = {
        path.stem: set(re.findall(r"\banalytics\.\w+", path.read_text(encoding="utf-8")))
        for path in FILES
    }
    assert read.pop("ready") == set().union(*read.values())


@pytest.mark.parametrize("relation", ["attempts", "repositories_current", "success_stories"])
async def test_a_right_that_is_missing_is_seen_by_the_readiness(
    web: Callable[..., WebConfig], world_copy: str, relation: str
) -> None:
    async with client_of(web(database_url=world_copy)) as client:
        assert (await client.get("/ready")).status_code == 200
        with psycopg.connect(world_copy, autocommit=True) as connection:
            connection.execute(f"revoke select on analytics.{relation} from {web().role}")
        assert (await client.get("/ready")).status_code == 503


async def test_every_page_works_for_a_role_that_reads_analytics_alone(
    web: Callable[..., WebConfig], sql: psycopg.Connection
) -> None:
    """The pages needed a role that could read the raw answers, and a bare name in a query still
    found tables of the layers below."""
    role = web().role
    readable = sql.execute(
        "select table_schema from information_schema.tables "
        "where table_schema not in ('pg_catalog', 'information_schema') and has_table_privilege("
        "%s, format('%%I.%%I', table_schema, table_name), 'select') group by 1",
        (role,),
    ).fetchall()
    usable = sql.execute(
        "select nspname from pg_namespace where nspname in ('raw', 'staging') "
        "and has_schema_privilege(%s, oid, 'usage')",
        (role,),
    ).fetchall()
    assert (readable, usable) == ([("analytics",)], [])
    store = Store(web())
    setting = "select current_user::text as role, current_setting('search_path') as path"
    assert store.read(lambda reading: reading.execute(setting)) == [
        {"role": role, "path": "analytics"}
    ]
    store.close()
    async with client_of(web()) as client:
        answers = {path: await client.get(path) for path in (*EVERYTHING, *OTHER_PAGES)}
    assert {
        path: answer.text for path, answer in answers.items() if answer.status_code >= 500
    } == {}
    assert {path for path in OTHER_PAGES if answers[path].status_code != 200} == set()
