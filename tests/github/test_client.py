"""One request and its answer: absent, moved, broken, too big; retries and what is sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from tests.github.fakes import FakeClock, FakeGitHub, answer, script
from trender_assets.github.answers import Absent, Found, Unknown


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, {"message": "Not Found"}, "not_found"),
        (451, {"block": {"reason": "dmca"}}, "blocked_dmca"),
        (403, {"block": {"reason": "tos"}}, "blocked_tos"),
        (409, {"message": "Git Repository is empty."}, "empty"),
    ],
)
async def test_absent_is_an_answer(status: int, body: object, reason: str) -> None:
    """Absent is not unknown, and neither is an exception."""
    fake = FakeGitHub(script(answer(body, status)))
    async with fake.client() as client:
        assert await client.get("/x") == Absent(reason)
    assert len(fake.log) == 1


async def test_204_is_an_empty_list() -> None:
    fake = FakeGitHub(script(answer(status=204)))
    async with fake.client() as client:
        found = await client.get("/x", expect=list)
    assert isinstance(found, Found) and found.value.body == []


async def test_renamed_repository_is_followed_on_the_same_host() -> None:
    """301 to /repositories/{id}; the answer says where it came from."""
    target = "https://api.github.com/repositories/42"
    fake = FakeGitHub(
        lambda request: (
            answer({"id": 42, "full_name": "new/name"})
            if request.url.path == "/repositories/42"
            else answer({"url": target}, 301, headers={"location": target})
        )
    )
    async with fake.client() as client:
        found = await client.get("/repos/old/name")
    assert isinstance(found, Found)
    assert (found.value.url, found.value.body["id"]) == (target, 42)
    assert fake.log[1].token == "token-one"


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/x",
        "http://api.github.com/x",
        "https://api.github.com:8443/x",
        "https://api.github.com@evil.example/x",
        "//evil.example/x",
        "",
    ],
)
async def test_redirect_to_another_host_is_refused(location: str) -> None:
    """Neither the request nor the Authorization header leaves the server."""
    fake = FakeGitHub(script(answer({}, 302, headers={"location": location})))
    async with fake.client() as client:
        result = await client.get("/x")
    assert isinstance(result, Unknown)
    assert {sent.request.url.host for sent in fake.log} == {"api.github.com"}
    assert {sent.request.url.scheme for sent in fake.log} == {"https"}


async def test_an_address_on_another_host_is_never_asked() -> None:
    """A Link to another host is refused before anything is sent."""
    fake = FakeGitHub(script(answer({})))
    async with fake.client() as client:
        assert isinstance(await client.get("https://evil.example/page2"), Unknown)
    assert fake.log == []


async def test_server_errors_heal() -> None:
    """502 (HTML), a broken connection, then the answer."""
    fake = FakeGitHub(
        script(answer("<html>502</html>", 502), httpx.ReadError("reset"), answer({"a": 1}))
    )
    async with fake.client() as client:
        assert isinstance(await client.get("/x"), Found)
    assert fake.gaps == [1.0, 2.0]


async def test_retries_are_not_shared_between_requests() -> None:
    """A request's tries are its own (octokit's retry test)."""
    fake = FakeGitHub(
        script(*[answer("", 502)] * 3, answer({}), *[answer("", 502)] * 3, answer({}))
    )
    async with fake.client() as client:
        assert isinstance(await client.get("/x"), Found)
        assert isinstance(await client.get("/y"), Found)


async def test_a_dead_resource_is_left_alone_and_others_go_on() -> None:
    """After five exhausted requests in a row core is not asked for 30 s; search still is."""
    fake = FakeGitHub(
        lambda request: (
            answer({}, resource="search", remaining=20, limit=30)
            if "search" in request.url.path
            else answer("", 503)
        )
    )
    async with fake.client() as client:
        for number in range(5):
            await client.get(f"/x/{number}")
        sent = len(fake.log)
        refused = await client.get("/y")
        assert isinstance(refused, Unknown) and "circuit_open" in refused.reason
        assert len(fake.log) == sent
        assert isinstance(await client.get("/search/x", resource="search"), Found)
        await fake.clock.sleep(31)
        fake.handler = lambda request: answer({})
        assert isinstance(await client.get("/z"), Found)
        assert isinstance(await client.get("/z2"), Found)


async def test_a_dead_resource_is_tried_by_one_request_at_a_time() -> None:
    """Half open: one trial after the pause, the rest refused; if it fails, another pause."""
    fake = FakeGitHub(lambda request: answer("", 503))
    async with fake.client() as client:
        for number in range(5):
            await client.get(f"/x/{number}")
        await fake.clock.sleep(31)
        sent = len(fake.log)
        await asyncio.gather(*(client.get(f"/y/{number}") for number in range(4)))
        tried = {sending.request.url.path for sending in fake.log[sent:]}
        assert len(tried) == 1, "the others were refused without being sent"
        refused = await client.get("/z")
        assert isinstance(refused, Unknown) and "circuit_open" in refused.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html></html>", "not JSON"),
        ("", "empty body"),
        ('{"a": [1, 2', "not JSON"),
        ('{"a": NaN}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
    ],
)
async def test_broken_bodies_become_unknown(body: str | bytes, reason: str) -> None:
    """HTML, nothing, half of it, NaN, an abyss, no UTF-8: unknown, never a crash."""
    fake = FakeGitHub(script(answer(body, headers={"content-type": "text/html"})))
    async with fake.client() as client:
        result = await client.get("/x")
    assert isinstance(result, Unknown) and reason in result.reason


async def test_wrong_type_is_unknown_at_once() -> None:
    """A list where an object belongs."""
    fake = FakeGitHub(script(answer([1])))
    async with fake.client() as client:
        assert await client.get("/x") == Unknown("malformed: expected a JSON dict")
    assert len(fake.log) == 1


async def test_body_above_the_cap_is_refused() -> None:
    """The cap is on decoded bytes."""
    fake = FakeGitHub(script(answer("[" + "1," * 600 + "1]")))
    async with fake.client(body_limit=1_000) as client:
        assert await client.get("/x", expect=list) == Unknown("oversized")


async def test_every_request_carries_what_github_demands() -> None:
    """Facts §1.6: version, media type, user agent, bearer token, encoded parameters."""
    fake = FakeGitHub(script(answer({})))
    async with fake.client() as client:
        await client.get(
            "/search/repositories", {"q": "language:c++ stars:>=5 pushed:>=2026-11-01"}
        )
    sent = fake.log[0].request
    assert sent.headers["x-github-api-version"] == "2026-03-10"
    assert sent.headers["accept"] == "application/vnd.github+json"
    assert sent.headers["user-agent"].startswith("trender/")
    assert sent.headers["authorization"] == "Bearer token-one"
    assert sent.url.query == b"q=language%3Ac%2B%2B+stars%3A%3E%3D5+pushed%3A%3E%3D2026-11-01"


def test_clock_is_aware() -> None:
    """Times are aware UTC."""
    assert datetime.fromtimestamp(FakeClock().time(), UTC).tzinfo is UTC


@pytest.mark.parametrize(
    ("base", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3/", "https://ghe.example/api/graphql"),
        ("http://127.0.0.1:8901", "http://127.0.0.1:8901/graphql"),
    ],
)
async def test_graphql_lies_beside_rest(base: str, graphql: str) -> None:
    """GitHub, GitHub Enterprise and any other server that speaks the API."""
    fake = FakeGitHub(lambda request: answer({"data": {}}))
    async with fake.client(api_base_url=base) as client:
        await client.graphql("{x}", {}, purpose="t")
    assert [str(sent.request.url) for sent in fake.log] == [graphql]
