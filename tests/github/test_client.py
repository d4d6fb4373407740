"""One request from payment to answer: waits, retries, redirects, caches, caps, secrets."""

from __future__ import annotations

import asyncio
import gc
import logging
from datetime import UTC, datetime

import httpx
import pytest

from tests.github.fakes import NOW, FakeClock, FakeGitHub, answer, script
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.cache import CachedAnswer, MemoryETagStore
from trender_assets.github.client import GitHubClient, Wait
from trender_assets.github.errors import BadCredentials, MissingToken
from trender_assets.github.redaction import redact

SECONDARY = {"message": "You have exceeded a secondary rate limit."}
CANARY = "ghp_CANARY0123456789abcdefABCDEF012345"


async def test_primary_limit_waits_for_the_reset_and_says_so() -> None:
    """A1: 403 with remaining 0 and a reset in 30 s: one announced wait, then the answer."""
    waits: list[Wait] = []
    fake = FakeGitHub(
        script(
            answer({"message": "API rate limit exceeded"}, 403, remaining=0, reset=NOW + 30),
            answer({}),
        )
    )
    async with fake.client(on_wait=waits.append) as client:
        assert isinstance(await client.get("/x"), Found)
    assert fake.gaps == [31.0]
    assert [wait.seconds for wait in waits] == [31.0]
    assert client.report.as_dict()["retries"] == {"primary_limit": 1}
    assert client.report.as_dict()["waited_seconds"] == 31.0


async def test_secondary_limit_pauses_all_workers_and_halves_them() -> None:
    """A2, T16: one refusal holds everybody ≥ 60 s; afterwards half as many are under way."""
    fake = FakeGitHub(lambda request: answer({}))
    ok = fake.handler
    fake.handler = lambda request: (
        answer(SECONDARY, 403, headers={"retry-after": "60"}) if len(fake.log) <= 8 else ok(request)
    )
    waits: list[Wait] = []
    async with fake.client(concurrency=8, on_wait=waits.append) as client:
        answers = await asyncio.gather(*(client.get(f"/x/{n}") for n in range(24)))
        assert all(isinstance(item, Found) for item in answers)
        late = [sent for sent in fake.log if sent.at > NOW]
        assert min(sent.at for sent in late) >= NOW + 60
        assert not [sent for sent in fake.log if NOW < sent.at < NOW + 60]
        fake.peak = 0
        await asyncio.gather(*(client.get(f"/y/{n}") for n in range(24)))
    assert fake.peak == 4
    assert len(waits) == 1, "one wait, not one per worker"


async def test_429_without_headers_is_tried_five_times() -> None:
    """A3: ≥ 60 s, then longer; after five tries the answer is unknown, not empty (T18)."""
    bare = httpx.Response(429, text="")
    fake = FakeGitHub(script(bare))
    async with fake.client() as client:
        result = await client.get("/x")
    assert fake.gaps == [60.0, 120.0, 240.0, 480.0]
    assert result == Unknown("secondary_limit")


async def test_too_long_a_wait_gives_up_the_resource_at_once() -> None:
    """A4: retry-after of two hours: no sleep, unknown, and the next request does not go out."""
    fake = FakeGitHub(script(answer(SECONDARY, 403, headers={"retry-after": "7200"})))
    async with fake.client() as client:
        first, second = await client.get("/x"), await client.get("/y")
    assert isinstance(first, Unknown) and isinstance(second, Unknown)
    assert len(fake.log) == 1
    assert fake.clock.now == NOW


async def test_graphql_limit_does_not_stop_rest() -> None:
    """A6, T14: GraphQL is spent for an hour; core goes on."""
    limited = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    fake = FakeGitHub(
        lambda request: (
            answer(limited, resource="graphql", remaining=1)
            if request.url.path == "/graphql"
            else answer({"ok": 1})
        )
    )
    async with fake.client() as client:
        reply = await client.graphql("{x}", {}, purpose="t")
        assert reply.data is None and "primary_limit" in (reply.problem or "")
        assert isinstance(await client.get("/x"), Found)


async def test_search_budget_does_not_slow_core() -> None:
    """T14: after a search 29 of 30 are left; nobody mistakes that for the last of 5,000."""
    fake = FakeGitHub(
        lambda request: (
            answer({}, resource="search", remaining=29, limit=30, reset=NOW + 60)
            if "search" in request.url.path
            else answer({})
        )
    )
    async with fake.client() as client:
        await client.get("/search/repositories", resource="search")
        for number in range(20):
            await client.get(f"/x/{number}")
    assert fake.clock.now == NOW


async def test_empty_search_budget_waits_for_its_minute() -> None:
    """T14: the search's own window is waited for."""
    fake = FakeGitHub(
        lambda request: answer(
            {}, resource="search", remaining=0, limit=30, reset=fake.clock.now + 20
        )
    )
    async with fake.client() as client:
        await client.get("/search/repositories", resource="search")
        await client.get("/search/repositories", resource="search")
    assert fake.gaps == [21.0]


async def test_reserve_of_100_is_kept() -> None:
    """A20: with 100 left nothing is sent; what was not asked is reported as refused."""
    fake = FakeGitHub(lambda request: answer({}, remaining=101, reset=NOW + 3_000))
    async with fake.client() as client:
        assert isinstance(await client.get("/a"), Found)
        assert isinstance(await client.get("/b"), Found)
        fake.handler = lambda request: answer({}, remaining=100, reset=NOW + 3_000)
        await client.get("/c")
        sent = len(fake.log)
        refused = await client.get("/d")
    assert isinstance(refused, Unknown) and "budget" in refused.reason
    assert len(fake.log) == sent
    assert client.report.refusals["budget"] == 1


async def test_tokens_take_turns_and_have_their_own_budgets() -> None:
    """A20, T14: when one token is spent the other pays; both spent means unknown."""
    left = {"one": 103, "two": 101}

    def handler(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        left[token] -= 1
        return answer(
            {"data": {"rateLimit": {"cost": 1}}}, resource="graphql", remaining=left[token]
        )

    fake = FakeGitHub(handler)
    async with fake.client(tokens=["one", "two"]) as client:
        replies = [await client.graphql("{x}", {}, purpose="t") for _ in range(6)]
    assert [sent.token for sent in fake.log] == ["one", "two", "one", "one"]
    assert [reply.data is None for reply in replies] == [False] * 4 + [True] * 2


async def test_bad_credentials_end_the_run_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """A7, E15: 401 mid-run: no retry, the variable is named, the token is in no text."""
    caplog.set_level(logging.DEBUG)
    fake = FakeGitHub(
        script(answer({}), answer({"message": "Bad credentials"}, 401, remaining=None))
    )
    async with fake.client(tokens=[CANARY]) as client:
        assert isinstance(await client.get("/x"), Found)
        with pytest.raises(BadCredentials, match="GITHUB_TOKEN") as error:
            await client.get("/y")
        with pytest.raises(BadCredentials):
            await client.get("/z")
        assert len(fake.log) == 2
        shown = f"{client!r} {error.value!r} {error.value.__context__!r} {client.report.as_dict()}"
    assert CANARY not in shown + caplog.text


async def test_a_refused_token_leaves_the_others() -> None:
    """A7: one of two tokens was revoked: the other goes on, and the report says so."""
    fake = FakeGitHub(
        lambda request: (
            answer({"message": "Bad credentials"}, 401, remaining=None)
            if request.headers["authorization"].endswith("bad")
            else answer({})
        )
    )
    async with fake.client(tokens=["bad", "good"]) as client:
        for number in range(4):
            assert isinstance(await client.get(f"/x/{number}"), Found)
    assert [sent.token for sent in fake.log].count("bad") == 1
    assert client.report.tokens_refused == 1


def test_no_token_is_a_clear_error() -> None:
    """T22: without a token the message says what to set and that no scope is needed."""
    for tokens in ((), ("",), (" ",)):
        with pytest.raises(MissingToken, match="GITHUB_TOKEN"):
            GitHubClient(tokens=tokens)


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
    """A8, T18: absent is not unknown, and neither is an exception."""
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
    """A9: 301 to /repositories/{id}; the answer says where it came from."""
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
    """A9: neither the request nor the Authorization header leaves the server."""
    fake = FakeGitHub(script(answer({}, 302, headers={"location": location})))
    async with fake.client() as client:
        result = await client.get("/x")
    assert isinstance(result, Unknown)
    assert {sent.request.url.host for sent in fake.log} == {"api.github.com"}
    assert {sent.request.url.scheme for sent in fake.log} == {"https"}


async def test_an_address_on_another_host_is_never_asked() -> None:
    """A15: a Link to another host is refused before anything is sent."""
    fake = FakeGitHub(script(answer({})))
    async with fake.client() as client:
        assert isinstance(await client.get("https://evil.example/page2"), Unknown)
    assert fake.log == []


async def test_server_errors_heal() -> None:
    """A11: 502 (HTML), a broken connection, then the answer."""
    fake = FakeGitHub(
        script(answer("<html>502</html>", 502), httpx.ReadError("reset"), answer({"a": 1}))
    )
    async with fake.client() as client:
        assert isinstance(await client.get("/x"), Found)
    assert fake.gaps == [1.0, 2.0]


async def test_retries_are_not_shared_between_requests() -> None:
    """A11: a request's tries are its own (octokit's retry test)."""
    fake = FakeGitHub(
        script(*[answer("", 502)] * 3, answer({}), *[answer("", 502)] * 3, answer({}))
    )
    async with fake.client() as client:
        assert isinstance(await client.get("/x"), Found)
        assert isinstance(await client.get("/y"), Found)


async def test_a_dead_resource_is_left_alone_and_others_go_on() -> None:
    """A11: after five exhausted requests in a row core is not asked for 30 s; search still is."""
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
    """A12: HTML, nothing, half of it, NaN, an abyss, no UTF-8: unknown, never a crash."""
    fake = FakeGitHub(script(answer(body, headers={"content-type": "text/html"})))
    async with fake.client() as client:
        result = await client.get("/x")
    assert isinstance(result, Unknown) and reason in result.reason


async def test_wrong_type_is_unknown_at_once() -> None:
    """A12: a list where an object belongs."""
    fake = FakeGitHub(script(answer([1])))
    async with fake.client() as client:
        assert await client.get("/x") == Unknown("malformed: expected a JSON dict")
    assert len(fake.log) == 1


async def test_body_above_the_cap_is_refused() -> None:
    """A13: the cap is on decoded bytes."""
    fake = FakeGitHub(script(answer("[" + "1," * 600 + "1]")))
    async with fake.client(body_limit=1_000) as client:
        assert await client.get("/x", expect=list) == Unknown("oversized")


def _entry(client: GitHubClient, path: str, body: bytes, link: str | None = None) -> CachedAnswer:
    key = client._key(path)
    return CachedAnswer(key, 'W/"1"', None, link, body, 200, datetime.fromtimestamp(NOW, UTC))


async def test_304_gives_the_stored_body_and_link() -> None:
    """A16: a 304 has neither body nor Link; both come from the store."""
    fake = FakeGitHub(script(answer(status=304)))
    async with fake.client() as client:
        entry = _entry(client, "/x", b'{"a": 1}', '<https://api.github.com/x?page=2>; rel="next"')
        found = await client.get("/x", entry=entry)
    assert isinstance(found, Found)
    assert (found.value.body, found.value.link) == ({"a": 1}, entry.link)
    assert found.value.is_not_modified
    assert fake.log[0].request.headers["if-none-match"] == 'W/"1"'
    assert client.report.not_modified == 1


async def test_304_without_a_usable_body_is_asked_again() -> None:
    """A16: a damaged store costs a request, not data."""
    fake = FakeGitHub(script(answer(status=304), answer({"a": 2})))
    async with fake.client() as client:
        found = await client.get("/x", entry=_entry(client, "/x", b"not json"))
    assert isinstance(found, Found) and found.value.body == {"a": 2}
    assert "if-none-match" not in fake.log[1].request.headers


async def test_304_that_nobody_asked_for_is_unknown() -> None:
    fake = FakeGitHub(script(answer(status=304)))
    async with fake.client() as client:
        assert isinstance(await client.get("/x"), Unknown)


async def test_an_answer_with_an_etag_can_be_stored_and_asked_again() -> None:
    """A16: the store's entry has the exact ETag and Link."""
    store = MemoryETagStore()
    headers = {"etag": 'W/"7"', "link": '<https://api.github.com/x?page=2>; rel="next"'}
    fake = FakeGitHub(script(answer({"a": 1}, headers=headers), answer(status=304)))
    async with fake.client(cache=store) as client:
        found = await client.get("/x")
        assert isinstance(found, Found) and found.value.entry is not None
        await client.remember([found.value.entry])
        entries = await client.cached(["/x", "/other"])
        assert list(entries) == ["/x"]
        again = await client.get("/x", entry=entries["/x"])
    assert isinstance(again, Found)
    assert (again.value.body, again.value.link) == ({"a": 1}, headers["link"])
    assert "token-one" not in str(store.entries), "nothing derived from the token is stored"


async def test_a_cached_address_prefers_one_token() -> None:
    """ETags vary with the token: an address is asked with the same one while it can be."""
    fake = FakeGitHub(script(answer({})))
    async with fake.client(tokens=["one", "two", "three"]) as client:
        for _ in range(5):
            await client.get("/repos/a/b/stargazers/history")
    assert len({sent.token for sent in fake.log}) == 1


async def test_every_request_carries_what_github_demands() -> None:
    """Facts §1.6: version, media type, user agent, bearer token, encoded parameters (T19)."""
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


async def test_rest_stays_under_900_points_a_minute() -> None:
    """T17: 1,000 requests at once are spread over more than a minute, without a refusal."""
    fake = FakeGitHub(lambda request: answer({}))
    async with fake.client() as client:
        await asyncio.gather(*(client.get(f"/x/{n}") for n in range(1_000)))
    times = sorted(sent.at for sent in fake.log)
    for start in {times[0], times[880]}:
        assert sum(start <= at < start + 60 for at in times) < 900
    assert fake.peak <= 40


async def test_cancelled_requests_give_their_slots_back() -> None:
    """E20: nothing leaks when a caller goes away."""
    fake = FakeGitHub(lambda request: answer({}))
    async with fake.client(concurrency=2) as client:
        tasks = [asyncio.create_task(client.get(f"/x/{n}")) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(await client.get("/y"), Found)
        assert isinstance(await client.get("/z"), Found)
    gc.collect()


@pytest.mark.parametrize(
    "secret",
    [
        CANARY,
        "github_pat_11AAAAAAA0abcdefghijkl_MNOPQRSTUVWX",
        "ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl",
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    ],
)
def test_redaction(secret: str) -> None:
    """E15: tokens of every kind, in headers, addresses and parameters, are masked."""
    for text in (
        secret,
        f"Authorization: Bearer {secret}",
        f"https://x:{secret}@h/",
        f"?access_token={secret}&a=1",
    ):
        assert secret not in redact(text)
    assert redact("plain words stay") == "plain words stay"
    assert redact("odd-token in text", ["odd-token"]) == "[redacted] in text"


def test_clock_is_aware() -> None:
    """T15: times are aware UTC."""
    assert datetime.fromtimestamp(FakeClock().time(), UTC).tzinfo is UTC
