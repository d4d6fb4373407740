"""The pages of Render, the pipeline and marketing: what they show equals the SQL it names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from markupsafe import Markup

from tests.web.conftest import NOW, client_of
from tests.web.test_hostile import Audit
from tests.web.world import AS_OF
from trender_web import runs
from trender_web.charts.meters import columns, gantt, interval, meter
from trender_web.config import WebConfig
from trender_web.formats import exact, percent, short
from trender_web.pages.meta import schedule_state

PAGES = (
    "/render",
    "/render?as_of=2026-11-20",
    "/render?q=queue",
    "/render?q=nothing-like-it",
    "/meta",
    "/meta?as_of=2026-11-20",
    "/for-marketing",
    "/for-marketing?as_of=2026-11-24",
)
TWINS = (
    "/render.json", "/render.csv", "/render.csv?q=queue", "/meta.json", "/meta.csv",
    "/meta.json?as_of=2026-11-20", "/for-marketing.json?as_of=2026-11-24",
    "/for-marketing.json", "/for-marketing.csv", "/for-marketing/blueprints.csv",
    "/for-marketing/stories.csv",
    "/for-marketing/draft/2026-11.md",
)  # fmt: skip


@pytest.mark.parametrize("path", [*PAGES, *TWINS])
async def test_answers_carry_headers_and_validators(shared: httpx.AsyncClient, path: str) -> None:
    """E11, U16, E22: policy, ETag, 304 and HEAD on every page and twin."""
    answer = await shared.get(path)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    again = await shared.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    head = await shared.head(path)
    assert head.status_code == 200 and head.content == b""


@pytest.mark.parametrize("path", PAGES)
async def test_no_text_becomes_markup_or_a_scheme(shared: httpx.AsyncClient, path: str) -> None:
    """B3–B6, T23: two scripts of ours, no handler, no inline style, no odd scheme."""
    page = (await shared.get(path)).text
    audit = Audit(page)
    assert audit.handlers == [] and audit.scripts == (3 if path.startswith("/meta") else 2)
    assert "iframe" not in audit.tags and "b onload" not in page and "\u202e" not in page
    for tag, _, address in audit.addresses:
        assert not address.lower().strip().startswith(("javascript:", "data:", "vbscript:")), (
            tag,
            address,
        )
    assert "<b>x</b>" not in page and "<b>go</b>" not in page and "<i>five</i>" not in page


async def test_render_totals_equal_the_sql(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    row = facts.execute(
        "select count(*), count(*) filter (where blueprint_status = 'valid'), sum(stars)::bigint,"
        " sum(service_count) filter (where blueprint_status = 'valid')::bigint"
        " from analytics.analytics_render_showcase where availability = 'available'"
    ).fetchone()
    assert row is not None
    page = (await shared.get("/render")).text
    totals = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<span[^>]*>)?([^<]+)<", page))
    assert totals["Projects"] == exact(row[0]) and totals["With a valid Blueprint"] == exact(row[1])
    assert totals["Stars, all together"] == short(row[2])
    assert totals["Services declared"] == exact(row[3])
    document = (await shared.get("/render.json")).json()
    assert (
        document["meta"]["totals"]["stars"]
        == row[2]
        == sum(item["stars"] for item in document["data"])
    )


async def test_nobody_is_hidden(shared: httpx.AsyncClient, facts: psycopg.Connection) -> None:
    """Every repository of the showcase is on the page, uncategorised ones included."""
    page = (await shared.get("/render")).text
    names = facts.execute(
        "select repo_full_name, render_category from analytics.analytics_render_showcase"
        " where availability = 'available'"
    ).fetchall()
    assert "uncategorised" in {row[1] for row in names}
    for name, _ in names:
        assert f'href="/repo/{name}"' in page, name
    rows = list(csv.DictReader(io.StringIO((await shared.get("/render.csv")).text)))
    assert {row["repo_full_name"] for row in rows} == {row[0] for row in names}


async def test_service_types_are_counted_once_per_repository(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    document = (await shared.get("/render.json")).json()
    counted = {row["service_type"]: row["repositories"] for row in document["meta"]["services"]}
    for kind in ("web", "worker", "keyvalue"):
        row = facts.execute(
            "select count(*) from analytics.analytics_render_showcase"
            " where availability = 'available' and %s = any(render_services)",
            [kind],
        ).fetchone()
        assert row is not None and counted[kind] == row[0]
    assert counted["workflow"] == 0


async def test_the_filter_is_the_same_in_every_form(shared: httpx.AsyncClient) -> None:
    document = (await shared.get("/render.json?q=queue")).json()
    assert document["meta"]["count"] == len(document["data"]) > 0
    rows = list(csv.DictReader(io.StringIO((await shared.get("/render.csv?q=queue")).text)))
    assert [row["repo_full_name"] for row in rows] == [
        row["repo_full_name"] for row in document["data"]
    ]
    page = (await shared.get("/render?q=queue")).text
    assert "/render.csv?q=queue" in page
    assert (await shared.get("/render?q=" + "x" * 200)).status_code == 422


async def test_a_past_day_of_the_showcase(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    """U14: names, stars and services of that day; kept for ever; a day without data is a 404."""
    answer = await shared.get("/render.json?as_of=2026-11-20")
    assert "immutable" in answer.headers["cache-control"]
    rows = {row["repo_id"]: row for row in answer.json()["data"]}
    stars = facts.execute(
        "select repo_id, stars from analytics.fact_repo_snapshots where snapshot_date = '2026-11-20'"
        " and repo_id = any(%s)",
        [list(rows)],
    ).fetchall()
    assert len(stars) == len(rows) > 5
    assert all(rows[repo_id]["stars"] == count for repo_id, count in stars)
    totals = answer.json()["meta"]["totals"]
    assert totals["stars"] == sum(count for _, count in stars) and totals["with_button"] is None
    page = (await shared.get("/render?as_of=2026-11-20")).text
    assert "Built with Render on 2026-11-20" in page and "not recorded for past days" in page
    assert (await shared.get("/render?as_of=2020-01-01")).status_code == 404
    assert (await shared.get("/render.csv?as_of=yesterday")).status_code == 422


async def test_csv_cells_are_disarmed(shared: httpx.AsyncClient) -> None:
    """B8: a description that is a formula gets an apostrophe."""
    text = (await shared.get("/render.csv")).text
    assert "'=HYPERLINK" in text and ",=HYPERLINK" not in text and ',"=HYPERLINK' not in text


async def test_meta_equals_the_record(shared: httpx.AsyncClient, facts: psycopg.Connection) -> None:
    """T33: duration, speed-up, steps and success are the run's own, computed by nobody here."""
    row = facts.execute(
        "select total_duration_seconds, parallel_speedup_factor, tasks_succeeded, tasks_executed,"
        " success_rate, run_id from analytics.fact_workflow_executions"
        " order by execution_date desc limit 1"
    ).fetchone()
    assert row is not None
    page = (await shared.get("/meta")).text
    latest = page.split('id="latest"')[1]
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<span[^>]*>)?([^<]+)<", latest))
    assert shown["Speed-up"] == f"{row[1]:.1f}×" and float(row[1]) < 1
    assert shown["Steps"] == f"{row[2]} of {row[3]}" and shown["Success rate"] == percent(row[4], 1)
    assert shown["Took"].startswith(f"{row[0]:.1f}") and row[5] in page
    assert page.index("repositories</b>") < page.index("analytics</b>"), "steps in order of time"
    assert "↻ 1 retry" in page and "4\u202f871" in page and "circuit open" not in latest[:2000]


async def test_meta_quality_and_claims_are_measured(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    row = facts.execute(
        "select count(*), count(*) filter (where data_quality_score >= 0.90)"
        " from staging.stg_repos_validated where availability = 'available'"
    ).fetchone()
    assert row is not None
    data = (await shared.get("/meta.json")).json()["data"]
    assert (data["quality"]["repositories"], data["quality"]["good"]) == tuple(row)
    assert sum(data["quality"][key] for key in
               ("below_50", "from_50", "from_60", "from_70", "from_80", "from_90")) == row[0]  # fmt: skip
    claims = {claim["claim"]: claim for claim in data["claims"]}
    assert claims["99 % of runs succeed"]["measured"].startswith("93.3")
    assert claims["99 % of runs succeed"]["is_met"] is False
    assert claims["A step starts in under a second"]["is_met"] is None
    assert "not measurable" in claims["A step starts in under a second"]["measured"]
    assert claims["3× faster than one after the other"]["is_met"] is False
    assert len(data["runs"]) == 30
    sources = {source["source"]: source for source in data["sources"]}
    assert sources["python"]["absent"] == 1 and sources["topic-render"]["found"] == 2


async def test_a_failed_run_is_told_with_its_cause(
    marketed: Callable[..., WebConfig], marketed_url: str
) -> None:
    """U7: the newest run failed: a banner says so, names the step, and what is shown instead."""
    with psycopg.connect(marketed_url, autocommit=True) as connection:
        connection.execute(
            "insert into analytics.fact_workflow_executions (run_id, job_name, status, trigger,"
            " execution_date, finished_at, total_duration_seconds, tasks_executed, tasks_succeeded,"
            " tasks_failed, tasks_retried, error_details, success_rate) values ('bad', 'hourly',"
            " 'failure', 'schedule', %s, %s, 3, 1, 0, 1, 0,"
            """ '{"steps": {"repositories": "no <b>token</b>\\nTrace"}, "sources": {}}', 0)""",
            [AS_OF + timedelta(minutes=5), AS_OF + timedelta(minutes=6)],
        )
        try:
            async with client_of(marketed(version_seconds=0.0)) as client:
                page = (await client.get("/meta")).text
        finally:
            connection.execute(
                "delete from analytics.fact_workflow_executions where run_id = 'bad'"
            )
    assert "The newest run failed" in page and "no &lt;b&gt;token&lt;/b&gt;" in page
    assert "Trace" not in page.split("How it is written")[0]
    assert "run-2026112409" in page, "the run that read repositories is still shown whole"


def _runs(*times: datetime, trigger: str = "schedule") -> list[dict]:
    return [{"trigger": trigger, "execution_date": moment} for moment in times]


@pytest.mark.parametrize(
    ("minutes", "state", "coming"),
    [
        (10, "good", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (65, "good", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (119, "good", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (150, "doubt", None),
        (600, "bad", None),
    ],
)
def test_schedule_states(minutes: int, state: str, coming: datetime | None) -> None:
    """D3, D4: at work, overdue, stopped; judged by the runs that the schedule began."""
    config = WebConfig("postgresql://x", clock=lambda: AS_OF + timedelta(minutes=minutes))
    found = schedule_state(_runs(AS_OF), config)
    assert found["state"] == state and found["next"] == coming


def test_a_schedule_that_never_ran_is_not_seen() -> None:
    config = WebConfig("postgresql://x", clock=lambda: NOW)
    assert schedule_state(_runs(AS_OF, trigger="manual"), config)["word"] == "◌ not seen"
    assert schedule_state([], config)["next"] is None


async def test_every_sentence_carries_its_evidence(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    """Each sentence of the page: query, date and link; the query gives its values."""
    rows = list(csv.DictReader(io.StringIO((await shared.get("/for-marketing.csv")).text)))
    assert {row["kind"] for row in rows} == {"success_story", "monthly_draft", "platforms"}
    page = (await shared.get("/for-marketing")).text
    for row in rows:
        assert row["query"].startswith(("select", "with")) and row["as_of"] and row["link"]
        answer = facts.execute(row["query"].encode()).fetchone()
        assert answer is not None and " ".join(map(str, answer)) == row["values"], row["text"]
    for row in rows:
        if row["kind"] != "monthly_draft":
            assert str(Markup.escape(row["query"])) in page
    data = (await shared.get("/for-marketing.json")).json()["data"]
    for card in data["cards"]:
        assert facts.execute(card["query"].encode()).fetchone() is not None
        assert card["link"] and card["as_of"]


async def test_what_has_no_public_source_is_said_so(shared: httpx.AsyncClient) -> None:
    """T33: deploy counts of other people's services."""
    page = (await shared.get("/for-marketing")).text
    assert "not measurable: deploys of other people&#39;s services" in page
    rows = list(
        csv.DictReader(io.StringIO((await shared.get("/for-marketing/blueprints.csv")).text))
    )
    assert rows and all(
        row["deploys"] == "" and "not measurable" in row["deploys_reason"] for row in rows
    )


async def test_people_are_named_by_their_public_login_only(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    """No contact data: the owner's login and what the repository itself links to, if it is a link."""
    rows = list(csv.DictReader(io.StringIO((await shared.get("/for-marketing/stories.csv")).text)))
    assert rows and not {"email", "author", "contact"} & set(rows[0])
    page = (await shared.get("/for-marketing")).text
    for row in rows:
        assert row["owner_login"] == row["repo_full_name"].split("/")[0]
        assert f'href="https://github.com/{row["owner_login"]}"' in page
    assert "mailto:" not in page and 'href="javascript' not in page
    columns = facts.execute("select * from analytics.success_stories limit 0").description or ()
    assert not [column.name for column in columns if "mail" in column.name]


async def test_platforms_show_sample_and_unknown(shared: httpx.AsyncClient) -> None:
    data = (await shared.get("/for-marketing.json")).json()["data"]["platforms"]
    page = (await shared.get("/for-marketing")).text
    assert f"by files in {data['sample_size']} repositories" in page
    for name in ("Render", "Vercel", "Railway", "Fly"):
        assert f'<th scope="row">{name}</th>' in page
    parts = data["platform_data"]["render"]
    assert parts["yes"] + parts["no"] + parts["unknown"] == data["sample_size"]


async def test_the_draft_as_markdown(shared: httpx.AsyncClient) -> None:
    answer = await shared.get("/for-marketing/draft/2026-11.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# What rose on GitHub in November 2026")
    assert "[^1]: 2026-11-24T09:00:00Z https://trender.example/" in answer.text.replace(", ", " ")
    missing = await shared.get("/for-marketing/draft/2020-01.md")
    assert missing.status_code == 404 and "2026-11" in missing.json()["detail"]
    assert (await shared.get("/for-marketing/draft/x.md")).status_code == 422


async def test_before_the_assets_ran_the_page_says_so(client: httpx.AsyncClient) -> None:
    page = (await client.get("/for-marketing")).text
    for asset in ("marketing_cards", "success_stories", "monthly_drafts", "platform_intelligence"):
        assert asset in page


async def test_an_empty_warehouse_is_no_error(
    marketed: Callable[..., WebConfig], warehouse_url: str
) -> None:
    """A fresh installation: steps on the pages, empty twins, feeds and embeds without an entry."""
    config = replace(marketed(), database_url=warehouse_url)
    async with client_of(config) as client:
        for path in ("/render", "/meta", "/for-marketing"):
            answer = await client.get(path)
            assert answer.status_code == 200 and "trender run" in answer.text, path
        for path in TWINS[:-1]:
            assert (await client.get(path)).status_code == 200, path
        for path in ("/feed/trending.atom", "/feed/weekly.json", "/badge/a/b.svg", "/embed/trending",
                     "/embed/a/b", "/sitemap.xml", "/robots.txt", "/card/trending.png"):  # fmt: skip
            assert (await client.get(path)).status_code == 200, path


async def test_a_database_that_is_away(marketed: Callable[..., WebConfig]) -> None:
    """E9: 503 with Retry-After on every page and twin of ours, never a half answer."""
    config = replace(marketed(), database_url="postgresql://nobody@127.0.0.1:1/x")
    async with client_of(config) as client:
        for path in (*PAGES[:1], "/meta", "/for-marketing.json", "/feed/trending.atom",
                     "/badge/a/b.svg", "/embed/trending", "/card/trending.png"):  # fmt: skip
            answer = await client.get(path)
            assert answer.status_code == 503 and answer.headers["retry-after"], path


def test_missing_measures_stay_missing() -> None:
    """A run without a report shows nothing, not zero."""
    run = {"api_report": None, "steps": None, "error_details": None, "execution_date": AS_OF,
           "total_duration_seconds": 0.0}  # fmt: skip
    assert runs.traffic_of(run)["bytes"] is None
    assert runs.usage_of(run) == [] and runs.steps_of(run) == [] and runs.failures_of(run) == []
    flat = {**run, "api_report": {"requests": 210}}
    assert runs.usage_of(flat) == [] and runs.traffic_of(flat)["retries"] is None
    claims = runs.claims([], {})
    assert all(claim.is_met is None for claim in claims)


def test_meters_stay_in_their_frame() -> None:
    assert 'width="1000"' in meter(5, 5) and 'width="0"' in meter(None, 5)
    assert 'width="0"' in meter(0, 5) and 'width="4"' in meter(1, 100_000)
    assert "rect" not in interval(None, None, None, 1)
    assert 'x="1000"' in gantt(50, 10, 10) and "rect" not in gantt(1, 1, 0)
    assert (
        columns([(None, "b1")], "x") == ""
        and columns([(1, "b1"), (None, "b1")], "x").count("rect") == 1
    )
