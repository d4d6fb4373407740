"""`/render`: totals, filter, past days and files equal the showcase's SQL."""

from __future__ import annotations

import csv
import io
import re

import httpx
import psycopg

from trender_web.answer.formats import exact, short


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
    """Names, stars and services of that day; kept for ever; a day without data is a 404."""
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
    """A description that is a formula gets an apostrophe."""
    text = (await shared.get("/render.csv")).text
    assert "'=HYPERLINK" in text and ",=HYPERLINK" not in text and ',"=HYPERLINK' not in text
