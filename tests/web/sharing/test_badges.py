"""Badges, embeds and cards: small, plain, honest about their age."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import httpx
import psycopg
import pytest

from tests.web.conftest import NOW, client_of
from tests.web.pages import LEADER
from trender_web.config import WebConfig
from trender_web.drawing.png import NoPicture
from trender_web.pages.sharing import badges, cards

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("hostile/h0", "hostile/h4", "hostile/h9", "names/package.json")


@pytest.mark.parametrize("metric", ["rank", "momentum", "stars"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_badge_is_small_and_plain(
    shared: httpx.AsyncClient, metric: str, theme: str
) -> None:
    """≤ 2 KB, text and shapes only, a title, kept for an hour, sandboxed."""
    for name in (LEADER, "no/such", *HOSTILE):
        answer = await shared.get(f"/badge/{name}.svg?metric={metric}&theme={theme}")
        assert answer.status_code == 200 and len(answer.content) <= 2048
        assert answer.headers["content-type"] == "image/svg+xml"
        assert (
            answer.headers["cache-control"] == "public, max-age=3600, stale-while-revalidate=86400"
        )
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        root = ElementTree.fromstring(answer.text)
        assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
            "svg",
            "title",
            "rect",
            "path",
            "g",
            "text",
        }
        assert root.findtext(f"{SVG}title")
        assert "href" not in answer.text
        head = await shared.head(f"/badge/{name}.svg?metric={metric}&theme={theme}")
        assert head.status_code == 200 and head.content == b""


async def test_a_badge_says_what_the_page_says(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    row = facts.execute(
        "select rank_overall, momentum_score from analytics.repositories_current where repo_full_name = %s",
        [LEADER],
    ).fetchone()
    assert row is not None
    assert f">#{row[0]}<" in (await shared.get(f"/badge/{LEADER}.svg")).text
    text = (await shared.get(f"/badge/{LEADER}.svg?metric=momentum")).text
    assert f">{row[1]:.1f}<" in text


async def test_an_untracked_repository_has_a_badge_that_says_so(shared: httpx.AsyncClient) -> None:
    for name in ("no/such", "..%2f/x", "a/%00", "con/aux"):
        answer = await shared.get(f"/badge/{name}.svg")
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            assert "not tracked" in answer.text


async def test_an_old_name_still_has_its_badge(shared: httpx.AsyncClient) -> None:
    """A README keeps the old address after a rename."""
    assert "new-owner/renamed" in (await shared.get("/badge/old-owner/before.svg")).text


async def test_a_badge_says_when_it_is_stale(marketed: Callable[..., WebConfig]) -> None:
    """After the third hour without data the age stands beside the value."""
    late = marketed()
    from dataclasses import replace

    async with client_of(replace(late, clock=lambda: NOW + timedelta(hours=30))) as client:
        text = (await client.get(f"/badge/{LEADER}.svg")).text
        assert "30 h old" in text and badges.COLOURS["light"][3] in text
        gone = (await client.get("/badge/gone/away.svg?metric=stars")).text
        assert "gone since" in gone
        embed = (await client.get(f"/embed/{LEADER}")).text
        assert "30 h old" in embed


@pytest.mark.parametrize("query", ["metric=forks", "theme=pink", "metric=rank&metric=stars"])
async def test_wrong_badge_parameters(shared: httpx.AsyncClient, query: str) -> None:
    answer = await shared.get(f"/badge/{LEADER}.svg?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


EMBEDS = (
    f"/embed/{LEADER}", f"/embed/{LEADER}?theme=dark", "/embed/no/such", "/embed/hostile/h1",
    "/embed/trending", "/embed/trending?render=1&limit=3&theme=light", "/embed/trending?lang=go",
)  # fmt: skip


@pytest.mark.parametrize("path", EMBEDS)
async def test_only_embeds_may_be_framed(shared: httpx.AsyncClient, path: str) -> None:
    """No script, no cookie, framing allowed here and nowhere else."""
    answer = await shared.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy and "script-src" not in policy
    assert "x-frame-options" not in answer.headers and "set-cookie" not in answer.headers
    assert (
        "<script" not in answer.text
        and " style=" not in answer.text
        and "onerror=" not in (answer.text.replace("onerror=alert(1)&gt;", ""))
    )
    for page in ("/", "/render", "/meta", "/for-marketing"):
        headers = (await shared.get(page)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"


async def test_an_embedded_list_is_the_list(shared: httpx.AsyncClient) -> None:
    rows = (await shared.get("/trending.json?lang=go&limit=4")).json()["data"]
    page = (await shared.get("/embed/trending?lang=go&limit=4")).text
    assert page.count("<li>") == 4
    assert all(row["repo_full_name"] in page for row in rows)
    assert (await shared.get("/embed/trending?lang=cobol")).status_code == 422
    assert (await shared.get("/embed/trending?limit=1000")).text.count("<li>") == 25


PICTURES = (
    "/card/trending.png", "/card/render.png", "/card/language/go.png", f"/card/repo/{LEADER}.png",
    "/card/repo/hostile/h0.png",
)  # fmt: skip


@pytest.mark.parametrize("path", PICTURES)
async def test_cards_are_pictures_for_social_networks(shared: httpx.AsyncClient, path: str) -> None:
    """1200×630 PNG, and the same as SVG."""
    answer = await shared.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    assert int.from_bytes(answer.content[16:20]) == 1200
    assert int.from_bytes(answer.content[20:24]) == 630
    assert len(answer.content) <= 2_000_000
    svg = await shared.get(path.replace(".png", ".svg"))
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "2026-11-24 09:00 UTC" in svg.text
    ElementTree.fromstring(svg.text)


async def test_cards_of_the_week_are_served_from_their_table(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    rows = facts.execute(
        "select card_kind, period_start, subject, svg, png from analytics.marketing_cards"
        " where card_kind in ('weekly_community', 'featured')"
    ).fetchall()
    assert len(rows) > 5
    for kind, period, subject, svg, png in rows:
        assert (await shared.get(f"/card/{kind}/{period}/{subject}.svg")).text == svg
        assert (await shared.get(f"/card/{kind}/{period}/{subject}.png")).content == bytes(png)
    assert (await shared.get(f"/card/featured/2020-01-06/{subject}.png")).status_code == 404
    assert (await shared.get(f"/card/odd/{period}/{subject}.png")).status_code == 422


async def test_a_page_names_a_card_of_its_own_data(shared: httpx.AsyncClient) -> None:
    """Title, description, canonical, OpenGraph, card; picture and page of the same time."""
    for path in ("/render", "/meta", "/for-marketing", f"/repo/{LEADER}"):
        page = (await shared.get(path)).text
        for part in ('property="og:title"', 'property="og:url"', 'name="twitter:card"', 'rel="canonical"',
                     'property="og:image:alt"', 'name="description"', 'content="1200"'):  # fmt: skip
            assert part in page, (path, part)
        image = page.split('property="og:image" content="')[1].split('"')[0]
        assert image.startswith("https://trender.example/card/")
        card = await shared.get(
            image.removeprefix("https://trender.example").replace(".png", ".svg")
        )
        assert card.status_code == 200 and "2026-11-24 09:00 UTC" in card.text
        assert "2026-11-24T09:00:00Z" in page


async def test_before_the_first_card_there_is_a_plain_one(client: httpx.AsyncClient) -> None:
    """A social network that asks before the asset ran gets the product's own picture."""
    for path in PICTURES[:4]:
        answer = await client.get(path)
        assert answer.status_code == 200 and int.from_bytes(answer.content[16:20]) == 1200
    assert (await client.get("/card/trending.svg")).status_code == 404
    assert (await client.get("/card/language/cobol.png")).status_code == 404
    assert (await client.get("/card/repo/no/such.png")).status_code == 404


async def test_without_the_renderer_a_plain_card(
    shared: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renderer that fails or is not installed costs the picture's detail, not the answer."""

    class Broken:
        def png(self, *_: object) -> bytes:
            raise NoPicture("no")

    monkeypatch.setattr(cards, "png_maker_of", lambda _: Broken())
    answer = await shared.get("/card/repo/someone/unclear.png")
    assert answer.status_code == 200
    assert answer.content == (cards.files()[cards.FALLBACK]).body


async def test_names_that_are_none_are_never_paths(shared: httpx.AsyncClient) -> None:
    """Odd owners and names are not found, never a file and never a fault of ours."""
    odd = ("../..", "..%2f..%2fetc", "a%5cb", "x" * 300, "%0d%0aSet-Cookie:x", "日本", "con", "a.")
    for name in odd:
        for path in (
            f"/card/repo/{name}/{name}.png",
            f"/embed/{name}/{name}",
            f"/badge/{name}/{name}.svg",
        ):
            answer = await shared.get(path)
            assert answer.status_code in (200, 404, 422), (path, answer.status_code)
            assert "set-cookie" not in answer.headers


async def test_files_with_fixed_addresses(shared: httpx.AsyncClient) -> None:
    """Sitemap, robots, icon, manifest; every address of the sitemap is ours."""
    sitemap = await shared.get("/sitemap.xml")
    places = [
        e.text or "" for e in ElementTree.fromstring(sitemap.text).iter() if e.tag.endswith("loc")
    ]
    assert f"https://trender.example/repo/{LEADER}" in places
    assert "https://trender.example/language/go" in places
    assert all(place.startswith("https://trender.example/") for place in places)
    assert len(places) == len(set(places)) and "gone/away" not in sitemap.text
    robots = (await shared.get("/robots.txt")).text
    assert "Sitemap: https://trender.example/sitemap.xml" in robots
    icon = await shared.get("/favicon.ico")
    assert icon.status_code == 308
    assert (await shared.get(icon.headers["location"])).headers["content-type"] == "image/svg+xml"
    manifest = await shared.get("/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    for item in manifest.json()["icons"]:
        assert (await shared.get(item["src"])).status_code == 200
