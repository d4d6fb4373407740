"""What every answer carries, and how it may be kept."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx
import pytest

from tests.web.conftest import NOW, client_of
from tests.web.pages import DATA, ERRORS, EVERYTHING, HTML
from tests.web.repositories import AS_OF
from trender_web.answer.static_files import asset_url, files
from trender_web.config import WebConfig

PAGE_POLICY_MUST = (
    "default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'",
    "frame-ancestors 'none'",
)  # fmt: skip


@pytest.mark.parametrize("path", [*EVERYTHING, "/static/style.css", "/static/app.js"])
async def test_header_crawl(client: httpx.AsyncClient, path: str) -> None:
    """Policy, nosniff, referrer and framing on every answer, errors included."""
    answer = await client.get(path)
    assert answer.status_code == ERRORS.get(path, 200)
    headers = answer.headers
    if headers["content-type"].startswith("text/html"):
        policy = headers["content-security-policy"].split("; ")
        assert set(PAGE_POLICY_MUST) <= set(policy)
        assert not any("unsafe" in part or "http" in part for part in policy)
    else:
        assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] in ("same-origin", "cross-origin")
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-request-id"] and "total;dur=" in headers["server-timing"]
    assert "server" not in headers and "set-cookie" not in headers
    vary = [part.strip() for part in headers.get("vary", "").split(",")]
    assert len(vary) == len(set(vary))


async def test_no_hsts_without_tls(web: Callable[..., WebConfig]) -> None:
    async with client_of(web(base_url="http://127.0.0.1:8787")) as client:
        assert "strict-transport-security" not in (await client.get("/health")).headers


async def test_an_svg_opened_directly_is_sandboxed(client: httpx.AsyncClient) -> None:
    """An SVG gets a policy under which it can do nothing."""
    answer = await client.get(asset_url("favicon.svg"))
    policy = answer.headers["content-security-policy"]
    assert policy == "sandbox; default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.parametrize("path", EVERYTHING)
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    """Feed readers and link checkers ask by HEAD."""
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code and head.content == b""
    assert head.headers.get("content-length") == get.headers.get("content-length")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/trending.json", "/health", "/repo/a/b"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str, path: str) -> None:
    """There is nothing to write here."""
    answer = await client.request(method, path)
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", [*HTML, *DATA])
async def test_etag_304_and_gzip(client: httpx.AsyncClient, path: str) -> None:
    """Validators from the data version; gzip and plain say the same."""
    packed = await client.get(path, headers={"accept-encoding": "gzip"})
    plain = await client.get(path, headers={"accept-encoding": "identity"})
    assert packed.text == plain.text and "content-encoding" not in plain.headers
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"
    again = await client.get(path, headers={"if-none-match": packed.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert again.headers["etag"] == packed.headers["etag"]
    other = await client.get(path, headers={"if-none-match": '"other", W/"more"'})
    assert other.status_code == 200


async def test_unknown_parameters_are_not_kept_apart(web: Callable[..., WebConfig]) -> None:
    """What no page reads changes neither the answer nor its key; the cache is bounded."""
    async with client_of(web(cache_bytes=400_000)) as client:
        cache = client._transport.app._app._cache  # type: ignore[attr-defined]
        first = await client.get("/trending.json?limit=3&utm_source=x")
        second = await client.get("/trending.json?fbclid=y&limit=3")
        assert first.headers["etag"] == second.headers["etag"]
        assert len(cache._entries) == 1
        spoofed = await client.get(
            "/?lang=go", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
        )
        assert "evil.example" not in spoofed.text
        for limit in range(1, 200):
            await client.get(f"/trending.json?limit={limit}")
        assert cache._bytes <= 400_000 and len(cache._entries) < 200


async def test_a_new_run_changes_etag_and_page(
    web: Callable[..., WebConfig], world_copy: str
) -> None:
    import psycopg

    async with client_of(web(database_url=world_copy)) as client:
        before = await client.get("/")
        with psycopg.connect(world_copy, autocommit=True) as connection:
            from tests.web.world import record_run

            record_run(connection, AS_OF.replace(hour=10))
        after = await client.get("/", headers={"if-none-match": before.headers["etag"]})
        assert after.status_code == 200 and after.headers["etag"] != before.headers["etag"]


async def test_a_rebuild_in_place_changes_the_version(
    web: Callable[..., WebConfig], world_copy: str
) -> None:
    """The models refill their tables; the version moves with the rows, not only with the run."""
    import psycopg

    async with client_of(web(database_url=world_copy)) as client:
        before = (await client.get("/trending.json")).json()["meta"]["data_version"]
        with psycopg.connect(world_copy, autocommit=True) as connection:
            connection.execute("update analytics.repositories_current set description = 'rebuilt'")
        answer = await client.get("/trending.json")
        assert answer.json()["meta"]["data_version"] != before
        assert answer.json()["data"][0]["description"] == "rebuilt"


async def test_static_files_are_hashed_and_immutable(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    for name in ("style.css", "app.js", "theme.js", "favicon.svg"):
        url = asset_url(name)
        assert f'"{url}"' in page
        answer = await client.get(url, headers={"accept-encoding": "gzip"})
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content == files()[name].body
        again = await client.get(url, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_machines_get_open_answers_and_pages_do_not(client: httpx.AsyncClient) -> None:
    assert (await client.get("/trending.json")).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in (await client.get("/")).headers


async def test_first_page_is_small(client: httpx.AsyncClient) -> None:
    """The first page: at most 40 KB compressed over at most 5 requests, no other host."""
    page = await client.get("/", headers={"accept-encoding": "gzip"})
    sizes = [len(gzip.compress(page.content, 6))]
    sizes += [
        len(files()[name].packed) for name in ("style.css", "app.js", "theme.js", "favicon.svg")
    ]
    assert len(sizes) <= 5 and sum(sizes) <= 40_000
    import re

    for address in re.findall(r'(?:src|action)="([^"]+)"', page.text):
        assert address.startswith("/")
    assert "https://" not in re.sub(
        r'(canonical|og:url|og:image)" (href|content)="[^"]+"', "", page.text
    )


def test_now_is_after_the_world() -> None:
    assert NOW > AS_OF
