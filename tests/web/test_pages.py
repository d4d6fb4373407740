"""The pages show what the SQL says, and the twins say the same."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import httpx
import psycopg
import pytest
from fastapi import Request

from tests.web.pages import DATA, HTML, LEADER
from trender_web.answer.errors import Moved
from trender_web.answer.formats import exact, fixed, short


class Text(HTMLParser):
    """A page's visible text and its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.mark.parametrize("path", HTML)
async def test_every_page_answers_and_is_a_document(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    page = Text(answer.text)
    heads = [attributes for tag, attributes in page.tags if tag == "h1"]
    assert len(heads) == 1
    names = [tag for tag, _ in page.tags]
    assert names[0] == "html" and page.tags[0][1]["lang"] == "en"
    assert {"title", "main", "nav", "footer"} <= set(names)
    links = [attributes for tag, attributes in page.tags if tag == "link"]
    canonical = [link["href"] for link in links if link["rel"] == "canonical"]
    assert len(canonical) == 1 and (canonical[0] or "").startswith("https://trender.example/")
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", DATA)
async def test_every_twin_answers_with_rows(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    if ".csv" in path:
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert len(rows) > 1 and all(len(row) == len(rows[0]) for row in rows)
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
    else:
        document = answer.json()
        assert document["data"]
        assert set(document["meta"]) >= {"data_version", "generated_at", "as_of", "source", "next"}
        assert document["meta"]["as_of"] == "2026-11-24T09:00:00Z"


async def test_front_page_numbers_equal_the_view(
    client: httpx.AsyncClient, sql: psycopg.Connection
) -> None:
    """Every number on `/` is that of the view it names."""
    rows = sql.execute(
        "select repo_full_name, stars, momentum_score, rank_overall, stars_gained_7d "
        "from analytics.analytics_trending_repos_current where rank_overall is not null "
        "and pool is not null order by rank_overall limit 100"
    ).fetchall()
    page = (await client.get("/")).text
    cards = re.findall(r'<li class="card">(.*?)</li>', page, re.S)
    assert len(cards) == len(rows) > 50
    for card, (name, stars, momentum, rank, _gained) in zip(cards, rows, strict=True):
        text = str(Text(card))
        assert f'href="/repo/{name}"' in card
        assert f"{short(stars)} stars" in text
        assert fixed(momentum, 1) in text
        assert re.search(rf"<b>{rank}</b>", card)


async def test_csv_holds_every_row_and_equals_json(client: httpx.AsyncClient) -> None:
    rows = list(csv.DictReader(io.StringIO((await client.get("/trending.csv")).text)))
    data = (await client.get("/trending.json?limit=1000")).json()["data"]
    assert [row["repo_full_name"] for row in rows] == [item["repo_full_name"] for item in data]
    for row, item in zip(rows, data, strict=True):
        assert row["stars"] == str(item["stars"])
        gained = item["stars_gained_7d"]
        assert row["stars_gained_7d"] == ("" if gained is None else str(gained))


async def test_repository_page_adds_up(client: httpx.AsyncClient, sql: psycopg.Connection) -> None:
    """The steps of "why it's trending" are the stored columns, and they make the score."""
    name, *_ = sql.execute(
        "select repo_full_name from analytics.repositories_current where uses_render and is_ranked "
        "and pool is not null order by rank_overall limit 1"
    ).fetchone() or ("",)
    data = (await client.get(f"/repo/{name}.json")).json()["data"]
    velocity = data["stars_gained_7d"] / max(data["stars"], 1) * 100
    activity = (
        0.4 * data["commits_last_7_days"] + 0.3 * data["issues_closed_last_7_days"]
        + 0.3 * data["active_contributors"]
    )  # fmt: skip
    unboosted = (0.4 * velocity + 0.6 * activity) * data["age_factor"]
    assert data["momentum_unboosted"] == pytest.approx(unboosted)
    assert data["momentum_score"] == pytest.approx(unboosted * 1.2)
    text = str(Text((await client.get(f"/repo/{name}")).text))
    for value in (velocity, activity, data["momentum_velocity_part"], unboosted, unboosted * 1.2):
        assert fixed(value, 2) in text
    assert exact(data["stars"]) in text
    assert " ".join(data["why"].split()) in text


async def test_missing_numbers_are_dashes_with_reasons(
    client: httpx.AsyncClient, sql: psycopg.Connection
) -> None:
    """A number that is not known is "—" with its reason, never 0."""
    name, reason = sql.execute(
        "select repo_full_name, momentum_reason from analytics.repositories_current "
        "where commits_last_7_days is null and availability = 'available' limit 1"
    ).fetchone() or ("", "")
    page = (await client.get(f"/repo/{name}")).text
    assert "timed out three times" in reason
    assert "It is not ranked" in page and "timed out three times" in page
    assert '<span class="none" title="' in page
    data = (await client.get(f"/repo/{name}.json")).json()["data"]
    assert data["commits_last_7_days"] is None and data["momentum_score"] is None


async def test_renamed_gone_and_unknown_repositories(client: httpx.AsyncClient) -> None:
    moved = await client.get("/repo/old-owner/before?tab=history")
    assert moved.status_code == 308
    assert moved.headers["location"] == "/repo/new-owner/renamed?tab=history"
    letters = await client.get("/repo/NEW-owner/Renamed.json")
    assert letters.status_code == 308
    assert letters.headers["location"] == "/repo/new-owner/renamed.json"
    gone = await client.get("/repo/gone/away")
    assert gone.status_code == 200
    assert "Gone from GitHub since" in gone.text and "2026-11-21" in gone.text
    unknown = await client.get("/repo/someone/blueprints-of-mine")
    assert unknown.status_code == 404
    assert "is not followed" in unknown.text and "/repo/someone/blueprint" in unknown.text


def test_a_renamed_repository_keeps_the_rest_of_its_address() -> None:
    """A chart forgot its query on the way to the new name; of `/repo/repo/repo` only the name moves."""
    for path, query, address in (
        ("/repo/repo/repo", b"tab=history", "/repo/new/name?tab=history"),
        ("/chart/repo/repo/rank.svg", b"", "/chart/new/name/rank.svg"),
        ("/repo/repo/repo.json", b"", "/repo/new/name.json"),
    ):
        request = Request({"type": "http", "path": path, "query_string": query, "headers": []})
        assert Moved("repo/repo", "new/name").address(request) == address


async def test_a_repository_may_end_like_a_twin(client: httpx.AsyncClient) -> None:
    page = await client.get("/repo/names/package.json")
    assert page.headers["content-type"].startswith("text/html")
    twin = await client.get("/repo/names/package.json.json")
    assert twin.json()["data"]["repo_full_name"] == "names/package.json"


async def test_typescript_says_what_it_means(
    client: httpx.AsyncClient, sql: psycopg.Connection
) -> None:
    text = str(Text((await client.get("/language/typescript")).text))
    assert "Next.js 16 or later" in text
    counts = sql.execute(
        "select nextjs_verdict, count(*) from analytics.repositories_current where pool = 'typescript' "
        "and is_current and not is_ranked and unranked_reason like '%Next.js%' group by 1"
    ).fetchall()
    assert len(counts) >= 2
    for verdict, count in counts:
        assert f"Next.js verdict: {verdict} {count}" in text


async def test_language_addresses_are_canonical(client: httpx.AsyncClient) -> None:
    for asked, slug in (("Python", "python"), ("C%23", "csharp"), ("GO", "go")):
        answer = await client.get(f"/language/{asked}")
        assert (answer.status_code, answer.headers.get("location")) == (308, f"/language/{slug}")
    unknown = await client.get("/language/cobol")
    assert unknown.status_code == 404 and "Python: " in unknown.text


async def test_filters_round_trip_through_the_address(client: httpx.AsyncClient) -> None:
    """U: the address is the whole state; defaults are dropped."""
    full = "/?lang=go&lang=python&window=30d&render=1&q=e&rank=unboosted&sort=stars&order=asc&view=table"
    page = await client.get(full)
    assert page.status_code == 200
    boxes = [a for tag, a in Text(page.text).tags if tag == "input" and "checked" in a]
    assert {(box["name"], box["value"]) for box in boxes} == {
        ("lang", "go"), ("lang", "python"), ("window", "30d"), ("render", "1"), ("rank", "unboosted"),
    }  # fmt: skip
    untidy = await client.get("/?lang=python&window=7d&render=&q=&view=cards&order=desc&utm=x")
    assert untidy.status_code == 308 and untidy.headers["location"] == "/?lang=python"
    found = await client.get("/?q=away")
    assert "Known too" in found.text and "/repo/gone/away" in found.text
    empty = await client.get("/?lang=go&q=nothing-like-it")
    assert "Nothing matches" in empty.text and "Clear filters" in empty.text


async def test_a_past_day_is_shown_and_never_changes(
    client: httpx.AsyncClient, sql: psycopg.Connection
) -> None:
    """`?as_of=` shows that day's ranking, immutable once the day is complete."""
    answer = await client.get("/trending.json?as_of=2026-11-20&limit=5")
    wanted = sql.execute(
        "select repo_id, rank_overall, stars from analytics.fact_repo_snapshots "
        "where snapshot_date = '2026-11-20' and is_ranked order by rank_overall limit 5"
    ).fetchall()
    got = [(r["repo_id"], r["rank_overall"], r["stars"]) for r in answer.json()["data"]]
    assert got == wanted
    assert "immutable" in answer.headers["cache-control"]
    now = await client.get("/trending.json?limit=5")
    assert "immutable" not in now.headers["cache-control"]
    early = await client.get("/?as_of=1999-01-01")
    assert early.status_code == 404 and "2026-11-12" in early.text
    day = (await client.get(f"/repo/{LEADER}.json?as_of=2026-11-20")).json()["data"]
    assert day["snapshot_date"] == "2026-11-20"


async def test_keyset_pages_hold_every_row_once(client: httpx.AsyncClient) -> None:
    """Following `next` gives each row once, in one order, also under ties and nulls."""
    for sort in ("", "&sort=gained_1d", "&sort=trend&order=asc"):
        whole = (await client.get(f"/trending.json?limit=1000{sort}")).json()["data"]
        seen: list[int] = []
        address: str | None = f"/trending.json?limit=7{sort}"
        while address:
            answer = await client.get(address)
            document = answer.json()
            seen += [row["repo_id"] for row in document["data"]]
            address = document["meta"]["next"]
            assert (address is None) == ("link" not in answer.headers)
        assert seen == [row["repo_id"] for row in whole]


async def test_trends_equal_the_facts(client: httpx.AsyncClient, sql: psycopg.Connection) -> None:
    data = (await client.get("/analytics/trends?days=3&lang=go")).json()["data"]
    assert [row["snapshot_date"] for row in data] == ["2026-11-22", "2026-11-23", "2026-11-24"]
    for row in data:
        (count,) = sql.execute(
            "select count(*) from analytics.fact_repo_snapshots where is_ranked and pool = 'go' "
            "and snapshot_date = %s", [row["snapshot_date"]],
        ).fetchone() or (0,)  # fmt: skip
        assert row["repositories"] == count


async def test_a_long_window_is_the_same_as_short_ones(client: httpx.AsyncClient) -> None:
    """A window that is cut from the kept days equals one that SQL gave."""
    for more in ("", "&lang=go", "&as_of=2026-11-22"):
        short = (await client.get(f"/analytics/trends?days=5{more}")).json()["data"]
        long = (await client.get(f"/analytics/trends?days=400{more}")).json()["data"]
        days = {row["snapshot_date"] for row in short}
        same = [row for row in long if row["snapshot_date"] in days]
        assert len(short) == len(same) > 0
        for one, other in zip(short, same, strict=True):
            assert one == pytest.approx(other)  # a mean may differ in its last bit


async def test_charts_hold_data_and_a_table(client: httpx.AsyncClient) -> None:
    """A chart without points is a fault that a 200 hides: count the points."""
    for path in (f"/repo/{LEADER}", f"/repo/{LEADER}?tab=history", "/language/python"):
        page = (await client.get(path)).text
        figures = re.findall(r'<figure class="chart">(.*?)</figure>', page, re.S)
        assert figures
        for figure in figures:
            lines = re.findall(r'class="s1" d="([^"]+)"', figure)
            assert (lines and len(re.findall(r"[ML]", lines[0])) >= 5) or "<rect" in figure
            assert figure.count("<tr>") >= 2 and "figcaption" in figure


async def test_the_diagram_and_its_list_say_the_same(client: httpx.AsyncClient) -> None:
    page = (await client.get("/repo/someone/blueprint?tab=render")).text
    for name in ("api", "worker", "cache", "db-1"):
        assert f">{name}</text>" in page and f"<bdi>{name}</bdi>" in page
    assert "https://render.com/deploy?repo=https%3A%2F%2Fgithub.com%2Fsomeone%2Fblueprint" in page


async def test_compare_wants_two_to_five(client: httpx.AsyncClient) -> None:
    pair = await client.get("/compare?repo=gone/away&repo=&repo=" + LEADER)
    assert pair.status_code == 303
    assert pair.headers["location"] == f"/compare/gone/away/{LEADER}"
    assert (await client.get(f"/compare/{LEADER}/{LEADER}")).status_code == 404
    assert (await client.get(f"/compare/{LEADER}/old-owner/before")).headers["location"] == (
        f"/compare/{LEADER}/new-owner/renamed"
    )
    assert (await client.get("/compare?repo=../x&repo=a/b")).status_code == 422


async def test_releases_stand_on_the_page_and_on_its_chart(client: httpx.AsyncClient) -> None:
    """When a version came out is the first guess why stars rose; of a project without any, the
    page says so, instead of being silent as about one that was never read."""
    page = (await client.get(f"/repo/{LEADER}")).text
    assert "Last release: v2.0, 16 Nov 2026" in page
    assert f'href="https://github.com/{LEADER}/releases/tag/v2.0"' in page
    assert "<title>v2.0 published 2026-11-16</title>" in page
    assert "3 releases marked: v2.0, v2.0-rc1, v1.9." in page
    then = (await client.get(f"/repo/{LEADER}?as_of=2026-11-15")).text
    assert "Last pre-release: v2.0-rc1, 9 Nov 2026" in then
    data = (await client.get(f"/repo/{LEADER}.json")).json()["data"]
    assert [item["tag"] for item in data["releases"]] == ["v2.0", "v2.0-rc1", "v1.9"]
    none = (await client.get("/repo/someone/unclear")).text
    assert "No release in the last 90 days" in none
