"""Feeds: newly trending only, once each, stable, well-formed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from xml.etree import ElementTree

import httpx
import psycopg
import pytest

from tests.web.conftest import client_of
from trender_web.config import WebConfig

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("trending", "render", "weekly", "python", "typescript", "go")


def entries(text: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(text).findall(f"{ATOM}entry")


@pytest.mark.parametrize("name", FEEDS)
async def test_atom_is_complete(shared: httpx.AsyncClient, name: str) -> None:
    """What RFC 4287 demands, at most 50 entries, ids that are tag addresses."""
    answer = await shared.get(f"/feed/{name}.atom")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.text)
    for part in ("id", "title", "updated"):
        assert root.findtext(f"{ATOM}{part}")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"https://trender.example/feed/{name}.atom"
    found = entries(answer.text)
    assert len(found) <= 50 and (found or name in ("weekly", "render"))
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in found]
    assert len(set(ids)) == len(ids)
    for entry, key in zip(found, ids, strict=True):
        assert key.startswith("tag:trender.example,2026:")
        updated = entry.findtext(f"{ATOM}updated") or ""
        assert datetime.fromisoformat(updated).tzinfo is not None
        link = entry.find(f"{ATOM}link")
        assert link is not None and (link.get("href") or "").startswith("https://trender.example/")
        assert entry.findtext(f"{ATOM}summary") and entry.findtext(f"{ATOM}title")


@pytest.mark.parametrize("name", FEEDS)
async def test_json_feed_says_the_same(shared: httpx.AsyncClient, name: str) -> None:
    answer = await shared.get(f"/feed/{name}.json")
    document = answer.json()
    assert answer.headers["content-type"] == "application/feed+json"
    assert document["version"].endswith("/1.1") and document["title"]
    atom = entries((await shared.get(f"/feed/{name}.atom")).text)
    assert [item["id"] for item in document["items"]] == [
        entry.findtext(f"{ATOM}id") for entry in atom
    ]
    assert all(item["content_text"] and item["url"] for item in document["items"])


async def test_a_repository_is_an_entry_once_while_it_stays(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    """No entry repeats although every repository was listed on every one of the days."""
    items = (await shared.get("/feed/go.json")).json()["items"]
    repositories = [item["id"].split("/")[1] for item in items]
    assert len(repositories) == len(set(repositories)) > 5
    days = facts.execute(
        "select count(distinct snapshot_date) from analytics.fact_repo_snapshots where is_ranked"
    ).fetchone()
    assert days is not None and days[0] > 5


async def test_a_newcomer_is_the_newest_entry_and_stays_where_it_is(
    marketed: Callable[..., WebConfig], world_copy: str
) -> None:
    """Who entered on the last whole day leads the feed; run twice, nothing changes; a return counts
    again."""
    with psycopg.connect(world_copy, autocommit=True) as connection:
        newest = connection.execute(
            "select repo_id from analytics.fact_repo_snapshots where pool = 'go' and is_ranked"
            " order by snapshot_date desc, momentum_score desc limit 1"
        ).fetchone()
        assert newest is not None
        last = "(select max(snapshot_date) - 1 from analytics.fact_repo_snapshots)"
        connection.execute(
            f"delete from analytics.fact_repo_snapshots where repo_id = %s and snapshot_date < {last}",
            newest,
        )
    async with client_of(marketed(version_seconds=0.0)) as old:
        before = (await old.get("/feed/go.json")).json()["items"]
    config = WebConfig(
        database_url=world_copy, base_url="https://trender.example", clock=marketed().clock
    )
    async with client_of(config) as client:
        first = (await client.get("/feed/go.json")).json()["items"]
    async with client_of(config) as client:
        assert (await client.get("/feed/go.json")).json()["items"] == first
    assert first[0]["id"].split("/")[1] == str(newest[0])
    assert "entered the list" in first[0]["title"] and "first list" in before[-1]["title"]
    with psycopg.connect(world_copy, autocommit=True) as connection:
        connection.execute(
            "update analytics.fact_repo_snapshots set is_ranked = false where pool = 'go' and"
            f" snapshot_date between {last} - 9 and {last} - 1"
        )
    async with client_of(config) as client:
        again = (await client.get("/feed/go.json")).json()["items"]
    today = [sum(item["id"].endswith("2026-11-23") for item in found) for found in (first, again)]
    assert today[0] < today[1] == len(again)


async def test_the_border_of_the_list_makes_one_entry(
    marketed: Callable[..., WebConfig], world_copy: str
) -> None:
    """A repository of rank 100, 105 and 99 at hours of two days was two entries, and the title of
    one changed under an unchanged `updated`."""
    config = WebConfig(
        database_url=world_copy, base_url="https://trender.example", clock=marketed().clock
    )
    with psycopg.connect(world_copy, autocommit=True) as connection:
        (repo_id,) = connection.execute(
            "select repo_id from analytics.fact_repo_snapshots where pool = 'go' and is_ranked"
            " order by snapshot_date desc, momentum_score desc limit 1"
        ).fetchone() or (None,)
        last = "(select max(snapshot_date) from analytics.fact_repo_snapshots)"
        connection.execute(
            f"delete from analytics.fact_repo_snapshots where repo_id = %s and snapshot_date < {last} - 2",
            [repo_id],
        )
        seen = []
        # Day by day: rank 100, then 105, then 99; and today's rank, which still moves.
        for yesterday, today in ((100, 100), (105, 105), (105, 99)):
            connection.execute(
                "update analytics.fact_repo_snapshots set rank_in_language = case snapshot_date"
                f" when {last} then %(today)s when {last} - 1 then %(yesterday)s else 100 end"
                " where repo_id = %(repo_id)s",
                {"today": today, "yesterday": yesterday, "repo_id": repo_id},
            )
            async with client_of(config) as client:
                items = (await client.get("/feed/go.json")).json()["items"]
            seen.append([item for item in items if item["id"].split("/")[1] == str(repo_id)])
    assert [len(found) for found in seen] == [1, 1, 1]
    assert seen[0] == seen[1] == seen[2]
    assert "#100" in seen[0][0]["title"]


async def test_the_digest_has_only_weeks_that_are_over(shared: httpx.AsyncClient) -> None:
    items = (await shared.get("/feed/weekly.json")).json()["items"]
    for item in items:
        assert item["date_published"] <= "2026-11-24T00:00:00Z"
        assert item["title"].startswith("Week ")


async def test_an_unknown_feed_names_the_known_ones(shared: httpx.AsyncClient) -> None:
    answer = await shared.get("/feed/cobol.atom")
    assert answer.status_code == 404 and "trending, render, weekly" in answer.json()["detail"]


async def test_feeds_are_discovered_and_revalidated(shared: httpx.AsyncClient) -> None:
    """Autodiscovery on pages; 304 for who has it; HEAD works."""
    page = (await shared.get("/render")).text
    assert '<link rel="alternate" type="application/atom+xml" href="/feed/render.atom"' in page
    first = await shared.get("/feed/trending.atom")
    again = await shared.get(
        "/feed/trending.atom", headers={"if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304
    head = await shared.head(
        "/feed/trending.atom", headers={"if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    )
    assert head.status_code == 200 and head.content == b""


async def test_hostile_texts_stay_texts(shared: httpx.AsyncClient) -> None:
    """Every feed parses; no entry holds markup of a stranger's."""
    seen = 0
    for name in ("trending", "python"):
        text = (await shared.get(f"/feed/{name}.atom")).text
        for entry in entries(text):
            seen += "hostile/" in (entry.findtext(f"{ATOM}title") or "")
            tags = {child.tag.split("}")[1] for child in entry.iter()}
            assert tags <= {
                "entry",
                "id",
                "title",
                "link",
                "published",
                "updated",
                "category",
                "summary",
            }
        assert "<script" not in text and "<img" not in text and "\u202e" not in text
    assert seen
