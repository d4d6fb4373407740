"""What a query string or a path may hold, and what happens when it holds something else."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import psycopg
import pytest

from trender_web.answer.text import is_repository

NUMBERS = ("0", "-1", "1000000000", "100000000000000000000", "1_0", "1e3", "７", "", "1.5", "NaN",
           "0x10", "+5", " 5", "٣")  # fmt: skip
NUMERIC = ("/trending.json?limit={}", "/trending.csv?limit={}", "/analytics/trends?days={}",
           "/language/go.json?limit={}", "/repo/gone/away.json?days={}")  # fmt: skip
INJECTIONS = ("' or 1=1--", "; drop table raw.fetch_log", "stars;", "stars desc", "ｓtars’",
              "1) union select null--", "$$", "%00", "\\", "stars,(select pg_sleep(9))")  # fmt: skip


@pytest.mark.parametrize("address", NUMERIC)
@pytest.mark.parametrize("value", NUMBERS)
async def test_numbers_have_bounds(client: httpx.AsyncClient, address: str, value: str) -> None:
    """422 that names the parameter and what is allowed; never a 500, never a guess."""
    answer = await client.get(address.format(quote(value)))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["parameter"] in ("limit", "days")


async def test_repeated_and_array_parameters(client: httpx.AsyncClient) -> None:
    """A single value given twice is refused, `lang` may repeat."""
    twice = await client.get("/trending.json?limit=5&limit=6")
    assert twice.status_code == 422 and twice.json()["errors"][0]["parameter"] == "limit"
    assert (await client.get("/trending.json?limit[]=5")).status_code == 200
    assert (await client.get("/trending.json?lang=go&lang=python")).status_code == 200


@pytest.mark.parametrize(
    "name", ["sort", "order", "window", "rank", "lang", "as_of", "after", "render", "view"]
)
@pytest.mark.parametrize("value", INJECTIONS)
async def test_injections_are_refused(client: httpx.AsyncClient, name: str, value: str) -> None:
    """Enumerations and patterns; nothing of a request becomes SQL."""
    path = "/" if name == "view" else "/trending.json"
    answer = await client.get(path, params={name: value})
    assert answer.status_code == 422
    assert "syntax" not in answer.text and "psycopg" not in answer.text


@pytest.mark.parametrize("value", INJECTIONS)
async def test_injections_in_text_find_nothing(
    client: httpx.AsyncClient, sql: psycopg.Connection, value: str
) -> None:
    """Free text is bound; wildcards of LIKE are letters."""
    value = f"zz{value}"
    answer = await client.get("/trending.json", params={"q": value})
    assert answer.status_code == 200 and answer.json()["data"] == []
    assert (await client.get("/trending.json", params={"q": "%"})).json()["data"] == []
    assert sql.execute("select count(*) from raw.fetch_log").fetchone() != (0,)


async def test_errors_name_what_is_allowed(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/trending.json?window=1y")).json()
    assert problem["status"] == 422 and "24h" in str(problem["errors"])
    problem = (await client.get("/trending.json?lang=cobol")).json()
    assert problem["errors"][0]["allowed"] == ["go", "python", "typescript"]
    page = await client.get("/?lang=cobol")
    assert page.status_code == 422 and "<code>python</code>" in page.text
    problem = (await client.get("/trending.json?limit=0")).json()
    assert "1" in problem["errors"][0]["allowed"]


BAD_NAMES = (
    ("..", "x"), (".", "."), ("a", ".."), ("a%2Fb", "c"), ("a" * 300, "b"), ("a", "b" * 300),
    ("ü", "x"), ("a", "日本"), ("a", "b%0Ac"), ("a", "b%00"), ("-a", "b"), ("a", "%2e%2e"),
    ("%5c", "b"), ("a'", "b"), ("a", "<script>"),
)  # fmt: skip


@pytest.mark.parametrize(("owner", "name"), BAD_NAMES)
async def test_names_that_are_none(client: httpx.AsyncClient, owner: str, name: str) -> None:
    """GitHub's alphabet; 404 or 422, never 500, never a file."""
    for suffix in ("", ".json", ".csv"):
        answer = await client.get(f"/repo/{owner}/{name}{suffix}")
        assert answer.status_code in (404, 422)
        assert "root:" not in answer.text and "<script>" not in answer.text.lower()
    assert (await client.get(f"/compare/{owner}/{name}/gone/away")).status_code == 404


def test_windows_names_and_dots_are_repositories_of_github() -> None:
    assert is_repository("a", "con") and is_repository("a", "x.") and is_repository("a", ".github")
    assert not is_repository("a", "..") and not is_repository("a/b", "c")
    assert not is_repository("a", "b\n")


async def raw(client: httpx.AsyncClient, target: bytes) -> tuple[int, dict[bytes, bytes]]:
    """Ask with a path that no client library would send."""
    app = client._transport.app  # type: ignore[attr-defined]
    sent: list[dict] = []
    path, _, query = target.partition(b"?")
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "raw_path": path,
        "path": path.decode("latin-1"), "query_string": query, "root_path": "",
        "headers": [(b"host", b"x")], "server": ("x", 80), "client": ("1.2.3.4", 5),
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], {name.lower(): value for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    "target",
    [
        b"/static/../config.py", b"/static/..%2fconfig.py", b"/static/%5c..%5cconfig.py",
        b"/static/style.css%00.png", b"//evil.example", b"//evil.example/..", b"/%0d%0aX-Bad: 1",
        b"/repo/a/b\r\nX-Bad: 1", b"/language/go\r\nX-Bad: 1", b"/" + b"a" * 10_000,
        b"/trending.json?q=" + b"a" * 10_000, b"/\\evil.example", b"/static/",
    ],
)  # fmt: skip
async def test_paths_lead_nowhere(client: httpx.AsyncClient, target: bytes) -> None:
    """404 (or 422), no redirect off the site, no split header, no file but ours."""
    status, headers = await raw(client, target)
    assert status in (404, 422)
    assert b"x-bad" not in headers and b"location" not in headers
    assert all(b"\r" not in value and b"\n" not in value for value in headers.values())


async def test_redirects_stay_here(client: httpx.AsyncClient) -> None:
    """Every redirect is a path of ours; no parameter is an address."""
    for path in (
        "/language/Python",
        "/repo/old-owner/before",
        "/?q=&lang=go",
        "/?next=//evil.example&q=",
    ):
        answer = await client.get(path)
        if answer.is_redirect:
            location = answer.headers["location"]
            assert location.startswith("/") and not location.startswith("//")


async def test_a_client_that_asks_too_much_waits(web) -> None:
    """Uncached answers are limited per client; cached ones are not."""
    from tests.web.conftest import client_of

    async with client_of(web(uncached_per_minute=5)) as client:
        answers = [await client.get(f"/trending.json?limit={n}") for n in range(1, 9)]
        assert [a.status_code for a in answers].count(200) == 5
        refused = answers[-1]
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
        assert refused.json()["title"] == "Too many requests"
        assert (await client.get("/trending.json?limit=1")).status_code == 200
