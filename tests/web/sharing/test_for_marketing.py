"""`/for-marketing`: every sentence carries its evidence, and what nobody can know is said so."""

from __future__ import annotations

import csv
import io

import httpx
import psycopg
from markupsafe import Markup


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
    """Deploy counts of other people's services."""
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
