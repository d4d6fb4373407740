"""The pages of Render, the pipeline and marketing: headers, hostile texts, no data, no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from tests.web.conftest import client_of
from tests.web.test_hostile import Audit
from trender_web.config import WebConfig

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
    """Policy, ETag, 304 and HEAD on every page and twin."""
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
    """Two scripts of ours, no handler, no inline style, no odd scheme."""
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


async def test_an_empty_warehouse_is_no_error(
    marketed: Callable[..., WebConfig], warehouse_url: str
) -> None:
    """A fresh installation: steps on the pages, empty twins, feeds and embeds without an entry."""
    config = replace(marketed(), database_url=warehouse_url)
    async with client_of(config) as client:
        for path in ("/render", "/meta", "/for-marketing"):
            answer = await client.get(path)
            assert answer.status_code == 200 and "trender refresh" in answer.text, path
        for path in TWINS[:-1]:
            assert (await client.get(path)).status_code == 200, path
        for path in ("/feed/trending.atom", "/feed/weekly.json", "/badge/a/b.svg", "/embed/trending",
                     "/embed/a/b", "/sitemap.xml", "/robots.txt", "/card/trending.png"):  # fmt: skip
            assert (await client.get(path)).status_code == 200, path


async def test_a_database_that_is_away(marketed: Callable[..., WebConfig]) -> None:
    """503 with Retry-After on every page and twin of ours, never a half answer."""
    config = replace(marketed(), database_url="postgresql://nobody@127.0.0.1:1/x")
    async with client_of(config) as client:
        for path in (*PAGES[:1], "/meta", "/for-marketing.json", "/feed/trending.atom",
                     "/badge/a/b.svg", "/embed/trending", "/card/trending.png"):  # fmt: skip
            answer = await client.get(path)
            assert answer.status_code == 503 and answer.headers["retry-after"], path
