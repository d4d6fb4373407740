"""Exchanges recorded from the real GitHub, as acceptance tests of decisions, links and bodies."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.github.fakes import FakeGitHub
from trender_assets.github.answers import Found
from trender_assets.github.decide import Exchange, decide
from trender_assets.github.pages import read_pages
from trender_assets.github.replies import linked_pages
from trender_assets.github.wire import is_same_origin

NOW = 1_795_600_000.0
SOURCES = ("github3py", "hub4j", "octokit_fixtures", "pygithub")


def recordings(folder: Path) -> Iterator[dict[str, Any]]:
    for source in SOURCES:
        with gzip.open(
            folder / "rest_recordings" / f"{source}.ndjson.gz", "rt", encoding="utf-8"
        ) as lines:
            for line in lines:
                row = json.loads(line)
                yield {**row, "status": int(row["status"])}


def headers(row: dict[str, Any]) -> dict[str, str]:
    """Header names in lower case; templates of a recording's server stand for no value."""
    plain = {}
    for name, value in (row.get("response_headers") or {}).items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        if "{{" not in text:
            plain[name.lower()] = text
    return plain


def body(row: dict[str, Any]) -> Any:
    return row.get("body", row.get("body_text"))


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, Any]]:
    return list(recordings(shared_data))


def test_every_recorded_answer_is_decided(rows: list[dict[str, Any]]) -> None:
    """3,400 real answers: successes are used, 404 is absent, limits wait, nothing raises."""
    seen: Counter[tuple[str, str]] = Counter()
    for row in rows:
        status = row["status"]
        is_graphql = row["url"].endswith("/graphql")
        decision = decide(Exchange(status, headers(row), body(row), None, is_graphql), now=NOW)
        seen[str(status), decision.action] += 1
        if 200 <= status < 300 and status != 202 and not is_graphql:
            assert decision.action == "use", row["url"]
        if status in (404, 410, 451):
            assert decision.action == "absent"
        if status in (422, 400):
            assert decision.action == "fail"
    assert sum(seen.values()) > 3_000
    assert seen["404", "absent"] > 50 and seen["304", "use"] and seen["202", "retry"]


def test_recorded_limits_wait(rows: list[dict[str, Any]]) -> None:
    """Every recorded rate or abuse limit is waited for, and nothing else that is 403."""
    limited = [
        row
        for row in rows
        if row["status"] in (403, 429)
        and re.search(r"rate limit|abuse", json.dumps(body(row)), re.I)
        and (
            "retry-after" in headers(row)
            or re.search(r"secondary|abuse", json.dumps(body(row)), re.I)
        )
    ]
    assert len(limited) >= 3
    for row in limited:
        decision = decide(Exchange(row["status"], headers(row), body(row)), now=NOW)
        assert decision.action in ("retry", "give_up"), row["recording"]
        assert decision.scope != "request"
        assert decision.wait > 0


def test_recorded_links_are_understood(rows: list[dict[str, Any]]) -> None:
    """Every recorded Link leads to the server that sent it, or is refused."""
    count = 0
    for row in rows:
        link = headers(row).get("link")
        if not link:
            continue
        count += 1
        links = linked_pages(link)
        assert links, link
        for address in links.values():
            is_ours = is_same_origin(address, "https://api.github.com")
            assert is_ours == address.startswith("https://api.github.com/"), address
    assert count > 100


async def test_recorded_pages_are_walked(rows: list[dict[str, Any]]) -> None:
    """A real listing of several pages, replayed page by page through the client."""
    base = "https://api.github.com"
    by_url = {row["url"]: row for row in rows if row["method"] == "GET" and row["status"] == 200}
    chains = []
    for url, row in by_url.items():
        following = linked_pages(headers(row).get("link")).get("next")
        is_first = not linked_pages(headers(row).get("link")).get("prev")
        if is_first and following in by_url and isinstance(body(row), list) and base in url:
            chains.append(url)
    assert chains
    for url in chains[:5]:
        expected: dict[Any, None] = {}
        cursor: str | None = url
        while cursor in by_url:
            row = by_url[cursor]
            expected |= dict.fromkeys(
                item["id"] for item in body(row) if isinstance(item, dict) and "id" in item
            )
            cursor = linked_pages(headers(row).get("link")).get("next")

        def handler(request: httpx.Request, first: str = url) -> httpx.Response:
            row = by_url.get(
                str(request.url), by_url[first] if "per_page" in request.url.params else None
            )
            if row is None:
                return httpx.Response(200, json=[])
            link = headers(row).get("link")
            return httpx.Response(200, json=body(row), headers={"link": link} if link else {})

        fake = FakeGitHub(handler)
        async with fake.client() as client:
            listing = await read_pages(
                client, url, {}, resource="core", purpose="t", most=3_000,
                key=lambda item: item.get("id"), is_search=False,
            )  # fmt: skip
        assert [item["id"] for item in listing.items] == list(expected), url


async def test_recorded_renames_are_followed(rows: list[dict[str, Any]]) -> None:
    """Real 301 answers lead to /repositories/{id} on the same server."""
    moved = [
        row
        for row in rows
        if row["status"] == 301
        and row["method"] == "GET"
        and "/repositories/" in headers(row).get("location", "")
    ]
    assert moved
    for row in moved[:5]:
        target = headers(row)["location"]

        def handler(request: httpx.Request, row: Any = row, target: str = target) -> httpx.Response:
            if str(request.url) == target:
                return httpx.Response(200, json={"id": 1})
            return httpx.Response(301, json=body(row) or {}, headers={"location": target})

        fake = FakeGitHub(handler)
        async with fake.client() as client:
            found = await client.get(row["url"])
        assert isinstance(found, Found) and found.value.url == target
