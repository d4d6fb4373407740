"""The pipeline's and the marketing page of a past day, and links to runs in Dagster."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import httpx
import psycopg
import pytest

from tests.web.conftest import client_of
from tests.web.world import AS_OF
from trender_web.config import WebConfig

DAY = date(2026, 11, 20)
END = datetime(2026, 11, 21, tzinfo=UTC)
BASES = ("/meta", "/for-marketing")
TWINS = (
    "/meta.json", "/meta.csv", "/for-marketing.json", "/for-marketing.csv",
    "/for-marketing/stories.csv", "/for-marketing/blueprints.csv",
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def earlier(marketed_url: str) -> Iterator[None]:
    """What the assets left behind on earlier days: copies of today's rows under older dates."""
    statements = (
        "insert into analytics.marketing_cards select (jsonb_populate_record(card, jsonb_build_object("
        "'period_start', card.period_start - 7, 'period_end', card.period_end - 7, 'title', 'earlier')"
        ")).* from analytics.marketing_cards as card where card_kind = 'weekly_community'",
        "insert into analytics.platform_intelligence select (jsonb_populate_record(report,"
        " jsonb_build_object('report_date', date '2026-11-19', 'sample_size', 7))).*"
        " from analytics.platform_intelligence as report",
        "insert into analytics.blueprint_metrics select (jsonb_populate_record(metric,"
        " jsonb_build_object('report_date', date '2026-11-18', 'stars', 11))).*"
        " from analytics.blueprint_metrics as metric",
        "insert into analytics.success_stories select (jsonb_populate_record(story,"
        " jsonb_build_object('period_start', date '2026-12-01', 'headline', 'of a later month'))).*"
        " from analytics.success_stories as story",
        "insert into analytics.fact_workflow_executions overriding system value select (jsonb_populate_record(run,"
        " jsonb_build_object('execution_id', 900000 + run.execution_id, 'run_id', 'old-' || run.run_id,"
        " 'execution_date', run.execution_date - interval '4 days', 'finished_at', run.finished_at -"
        " interval '4 days', 'repos_processed', 12))).* from analytics.fact_workflow_executions as run"
        " where not exists (select 1 from analytics.fact_workflow_executions as known"
        " where known.run_id = 'old-' || run.run_id)",
    )
    with psycopg.connect(marketed_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
    yield
    with psycopg.connect(marketed_url, autocommit=True) as connection:
        for statement in (
            "delete from analytics.marketing_cards where title = 'earlier'",
            "delete from analytics.platform_intelligence where report_date = '2026-11-19'",
            "delete from analytics.blueprint_metrics where report_date = '2026-11-18'",
            "delete from analytics.success_stories where period_start = '2026-12-01'",
            "delete from analytics.fact_workflow_executions where run_id like 'old-%'",
        ):
            connection.execute(statement)


def one(facts: psycopg.Connection, statement: str, *values: object) -> tuple:
    row = facts.execute(statement, values).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row


async def test_the_pipeline_of_a_day_knows_nothing_later(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    document = (await shared.get(f"/meta.json?as_of={DAY}")).json()["data"]
    begun = [datetime.fromisoformat(run["execution_date"]) for run in document["runs"]]
    assert begun and max(begun) < END <= AS_OF
    assert all(run["run_id"].startswith("old-") for run in document["runs"])
    assert document["schedule"]["next"] is None and "past days" in document["schedule"]["text"]
    repositories, good = one(
        facts,
        "select count(data_quality_score), count(*) filter (where data_quality_score >= 0.9)"
        " from analytics.fact_repo_snapshots where snapshot_date = %s",
        DAY,
    )
    assert document["quality"]["repositories"] == repositories > 50
    assert document["quality"]["good"] == good
    assert document["quality"]["completeness"] is None
    for row in document["sources"]:
        if row["last_found"] is not None:
            assert END - timedelta(days=2) < datetime.fromisoformat(row["last_found"]) < END
    assert any(row["last_found"] for row in document["sources"])
    assert {datetime.fromisoformat(row["as_of"]) for row in document["streams"]} == {
        datetime(2026, 11, 20, 9, tzinfo=UTC)
    }
    rows = list(csv.DictReader(io.StringIO((await shared.get(f"/meta.csv?as_of={DAY}")).text)))
    assert [row["run_id"] for row in rows] == [run["run_id"] for run in document["runs"]]


async def test_the_page_of_the_pipeline_says_which_day_it_shows(shared: httpx.AsyncClient) -> None:
    page = (await shared.get(f"/meta?as_of={DAY}")).text
    assert f"<title>The pipeline on {DAY}" in page and 'value="2026-11-20"' in page
    assert f"up to the end of <strong>{DAY}</strong>" in page
    assert "old-run-2026112409" in page and ">run-2026112409<" not in page
    assert f'href="/meta.csv?as_of={DAY}"' in page and f'href="/meta.json?as_of={DAY}"' in page
    assert f'rel="canonical" href="https://trender.example/meta?as_of={DAY}"' in page
    now = (await shared.get("/meta")).text
    assert "run-2026112409" in now and "up to the end of" not in now


async def test_marketing_of_a_day_is_of_its_week_its_month_and_its_last_report(
    shared: httpx.AsyncClient,
) -> None:
    then = (await shared.get(f"/for-marketing.json?as_of={DAY}")).json()["data"]
    assert {card["period_start"] for card in then["cards"]} == {"2026-11-16"}
    assert {card["title"] for card in then["cards"]} == {"earlier"}
    assert (
        then["platforms"]["report_date"] == "2026-11-19" and then["platforms"]["sample_size"] == 7
    )
    assert {row["report_date"] for row in then["blueprints"]} == {"2026-11-18"}
    assert {row["stars"] for row in then["blueprints"]} == {11}
    assert {story["period_start"] for story in then["stories"]} == {"2026-11-01"}
    assert {draft["period_start"] for draft in then["drafts"]} <= {"2026-11-01", "2026-10-01"}
    size = next(claim for claim in then["claims"] if claim["claim"].startswith("300 repositories"))
    assert size["measured"].startswith("12 repositories")
    now = (await shared.get("/for-marketing.json")).json()["data"]
    assert {card["period_start"] for card in now["cards"]} == {"2026-11-23"}
    assert now["platforms"]["report_date"] == "2026-11-24"
    assert "2026-12-01" in {story["period_start"] for story in now["stories"]}


async def test_the_marketing_page_and_its_lists_are_of_that_day(shared: httpx.AsyncClient) -> None:
    page = (await shared.get(f"/for-marketing?as_of={DAY}")).text
    assert f"<title>For marketing on {DAY}" in page and "of a later month" not in page
    assert "/card/weekly_community/2026-11-16/" in page
    assert "/card/weekly_community/2026-11-23/" not in page
    for name in ("stories", "blueprints"):
        assert f'href="/for-marketing/{name}.csv?as_of={DAY}"' in page
    text = (await shared.get(f"/for-marketing/blueprints.csv?as_of={DAY}")).text
    assert {row["report_date"] for row in csv.DictReader(io.StringIO(text))} == {"2026-11-18"}
    text = (await shared.get(f"/for-marketing/stories.csv?as_of={DAY}")).text
    assert {row["period_start"] for row in csv.DictReader(io.StringIO(text))} == {"2026-11-01"}
    nothing = await shared.get("/for-marketing?as_of=2026-11-13")
    assert nothing.status_code == 200 and "No comparison was made by that day" in nothing.text
    assert "No card was drawn by that day" in nothing.text


@pytest.mark.parametrize("path", [*BASES, *TWINS])
async def test_days_without_data_and_texts_that_are_no_day(
    shared: httpx.AsyncClient, path: str
) -> None:
    for day in ("2025-01-01", "2030-01-01"):
        answer = await shared.get(f"{path}?as_of={day}")
        assert answer.status_code == 404 and "2026-11-12 to 2026-11-24" in answer.text
    for text in ("yesterday", "2026-02-30", "2026-11-20T00:00", "20261120", "'"):
        assert (await shared.get(path, params={"as_of": text})).status_code == 422
    twice = await shared.get(f"{path}?as_of={DAY}&as_of={DAY}")
    assert twice.status_code == 422


@pytest.mark.parametrize("path", BASES)
async def test_each_day_has_one_address(shared: httpx.AsyncClient, path: str) -> None:
    empty = await shared.get(f"{path}?as_of=")
    assert empty.status_code == 308 and empty.headers["location"] == path
    other = await shared.get(f"{path}?as_of={DAY}&utm_source=x")
    assert other.status_code in (200, 308)
    assert (await shared.get(f"{path}?as_of={DAY}")).status_code == 200


async def test_runs_link_to_dagster_when_it_is_known_where_that_is(
    marketed: Callable[..., WebConfig], facts: psycopg.Connection
) -> None:
    """The run's own page in the Dagster UI; an odd id stays one path segment."""
    facts.execute(
        "update analytics.fact_workflow_executions set run_id = 'a/../\"<b>?x'"
        " where run_id = 'run-2026112402'"
    )
    try:
        async with client_of(marketed(dagster_url="http://dagster.example:3000")) as client:
            page = (await client.get("/meta")).text
            past = (await client.get(f"/meta?as_of={DAY}")).text
    finally:
        facts.execute(
            "update analytics.fact_workflow_executions set run_id = 'run-2026112402'"
            " where run_id = 'a/../\"<b>?x'"
        )
    link = 'href="http://dagster.example:3000/runs/'
    assert page.count(f'{link}run-2026112409" rel="noopener"') == 2
    assert f'{link}a%2F..%2F%22%3Cb%3E%3Fx"' in page
    assert f'{link}old-run-2026112409"' in past


async def test_without_that_setting_no_page_names_another_place(shared: httpx.AsyncClient) -> None:
    assert "/runs/" not in (await shared.get("/meta")).text
