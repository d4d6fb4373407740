"""GitHub's limits: what is waited for, who waits, what is given up, what a budget allows."""

from __future__ import annotations

import asyncio
import gc

import httpx
import pytest

from tests.github.fakes import NOW, FakeGitHub, answer, script
from trender_assets.github.answers import BadCredentials, Found, NotGitHub, Unknown
from trender_assets.github.client import Wait
from trender_assets.github.pacing import LearnedPace

SECONDARY = {"message": "You have exceeded a secondary rate limit."}


async def test_primary_limit_waits_for_the_reset_and_says_so() -> None:
    """403 with remaining 0 and a reset in 30 s: one announced wait, then the answer."""
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
    """One refusal holds everybody ≥ 60 s; afterwards half as many are under way."""
    fake = FakeGitHub(lambda request: answer({}))
    ok = fake.handler
    fake.handler = lambda request: (
        answer(SECONDARY, 403, headers={"retry-after": "60"}) if len(fake.log) <= 8 else ok(request)
    )
    waits: list[Wait] = []
    async with fake.client(learned=LearnedPace(concurrency=8), on_wait=waits.append) as client:
        answers = await asyncio.gather(*(client.get(f"/x/{n}") for n in range(24)))
        assert all(isinstance(item, Found) for item in answers)
        late = [sent for sent in fake.log if sent.at > NOW]
        assert min(sent.at for sent in late) >= NOW + 60
        assert not [sent for sent in fake.log if NOW < sent.at < NOW + 60]
        fake.peak = 0
        await asyncio.gather(*(client.get(f"/y/{n}") for n in range(24)))
    assert fake.peak == 4
    assert len(waits) == 1, "one wait, not one per worker"
    assert client.pace_to_keep() == LearnedPace(4, 2 / 3)


async def test_what_a_refusal_taught_fades_when_nothing_is_refused() -> None:
    """The next run begins as slowly as the last one ended, and each peaceful run dares more."""
    learned = LearnedPace().after_refusal().after_refusal()
    assert learned.concurrency == 10 and learned.rate == pytest.approx(4 / 9)
    fake = FakeGitHub(lambda request: answer({}))
    async with fake.client(learned=learned) as client:
        await asyncio.gather(*(client.get(f"/x/{n}") for n in range(24)))
    assert fake.peak == 10
    assert client.pace_to_keep() == LearnedPace(14, 0.544)
    for _ in range(10):
        learned = learned.after_peace()
    assert learned == LearnedPace()


async def test_a_connection_that_fails_once_is_tried_again_and_costs_nothing() -> None:
    """What never reached GitHub was taken off the search budget, 30 a minute."""
    refused = httpx.ConnectError("refused")
    fake = FakeGitHub(script(refused, answer({}, resource="search", remaining=None)))
    async with fake.client() as client:
        assert isinstance(await client.get("/x", resource="search"), Found)
        assert client.report.requests == {"search": 1}
        assert client.report.remaining["search"] == 29


async def test_a_host_is_not_down_while_others_are_answered() -> None:
    """A connection that fails twice while another request was answered is that request's fault."""
    fake = FakeGitHub(lambda request: answer({}))

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/bad":
            raise httpx.ConnectError("refused")
        return answer({})

    fake.handler = handler
    async with fake.client() as client:
        bad = asyncio.create_task(client.get("/bad"))
        while not bad.done():
            assert isinstance(await client.get("/good"), Found)
            await fake.clock.sleep(0.5)
        assert isinstance(bad.result(), Unknown)


async def test_a_host_that_is_lost_on_the_way_leaves_what_was_read() -> None:
    """What had been read was thrown away with the failure; now every further answer is the same
    failure, and after a pause one request finds out whether the host is back."""
    fake = FakeGitHub(lambda request: answer({}))
    ok = fake.handler

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with fake.client() as client:
        assert isinstance(await client.get("/x"), Found)
        fake.handler = refuse
        answers = await asyncio.gather(*(client.get(f"/x/{n}") for n in range(30)))
        reply = await client.graphql("{x}", {}, purpose="t")
        assert {str(item) for item in answers} == {str(Unknown(str(reply.problem)))}
        assert reply.problem == "unreachable: api.github.com (refused)"
        assert client.unreachable is not None and client.report.waits == []
        sent = len(fake.log)
        assert isinstance(await client.get("/y"), Unknown)
        assert len(fake.log) == sent
        await fake.clock.sleep(31)
        await asyncio.gather(*(client.get(f"/z/{n}") for n in range(5)))
        assert len(fake.log) == sent + 1, "one at a time tries it"
        fake.handler = ok
        await fake.clock.sleep(31)
        assert isinstance(await client.get("/z"), Found)
        assert isinstance(await client.get("/z2"), Found)
        assert client.unreachable is None


async def test_a_wrong_token_is_said_before_anything_else_is_asked() -> None:
    """Eleven sources asked at once were each told the same sentence."""
    fake = FakeGitHub(lambda request: answer({"message": "Bad credentials"}, 401))
    async with fake.client() as client:
        with pytest.raises(BadCredentials):
            await client.verify()
        with pytest.raises(BadCredentials):
            await client.get("/x")
    assert [sent.path for sent in fake.log] == ["/rate_limit"]


PAGE = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (answer("<html>Not here</html>", 404, headers=PAGE), "HTTP 404 and text/html"),
        (answer("<html>Welcome</html>", headers=PAGE), "HTTP 200 and text/html"),
        (answer({"detail": "Not Found"}, 404), "HTTP 404 and application/json"),
        (answer([1]), "HTTP 200 and application/json"),
        (answer("", 302, headers={"location": "https://elsewhere.example/"}), "a redirect to"),
    ],
)
async def test_what_is_not_github_is_said_before_anything_else_is_asked(
    said: httpx.Response, what: str
) -> None:
    """A server of another kind, at a mistyped address, was asked for every source, and eleven
    lines told of its pages without a word of the address."""
    fake = FakeGitHub(script(said))
    async with fake.client(api_base_url="https://me:secret@host.example/api/v3") as client:
        with pytest.raises(NotGitHub, match=r"^https://host\.example/api/v3 is not.*" + what) as no:
            await client.verify()
    assert "Set GITHUB_API_BASE_URL to https://api.github.com" in str(no.value)
    assert {sent.path for sent in fake.log} == {"/api/v3/rate_limit"}


@pytest.mark.parametrize(
    "said",
    [
        answer({"resources": {}}),
        answer({"message": "Rate limiting is not enabled."}, 404),
        answer({"message": "Repository access blocked"}, 403),
        answer("<html>Unicorn!</html>", 503, headers=PAGE),
        answer("busy", 429),
        httpx.ReadTimeout("slow"),
    ],
)
async def test_a_github_that_is_unwell_or_without_limits_is_one_all_the_same(
    said: httpx.Response | Exception,
) -> None:
    """Enterprise can switch limits off, and a bad minute is no wrong address."""
    async with FakeGitHub(script(said)).client() as client:
        await client.verify()


async def test_429_without_headers_is_tried_five_times() -> None:
    """≥ 60 s, then longer; after five tries the answer is unknown, not empty."""
    bare = httpx.Response(429, text="")
    fake = FakeGitHub(script(bare))
    async with fake.client() as client:
        result = await client.get("/x")
    assert fake.gaps == [60.0, 120.0, 240.0, 480.0]
    assert result == Unknown("secondary_limit")


async def test_too_long_a_wait_gives_up_the_resource_at_once() -> None:
    """Retry-after of two hours: no sleep, unknown, and the next request does not go out."""
    fake = FakeGitHub(script(answer(SECONDARY, 403, headers={"retry-after": "7200"})))
    async with fake.client() as client:
        first, second = await client.get("/x"), await client.get("/y")
    assert isinstance(first, Unknown) and isinstance(second, Unknown)
    assert len(fake.log) == 1
    assert fake.clock.now == NOW


async def test_graphql_limit_does_not_stop_rest() -> None:
    """GraphQL is spent for an hour; core goes on."""
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
    """After a search 29 of 30 are left; nobody mistakes that for the last of 5,000."""
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
    """The search's own window is waited for."""
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
    """With 100 left nothing is sent; what was not asked is reported as refused."""
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
    """When one token is spent the other pays; both spent means unknown."""
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


async def test_rest_stays_under_900_points_a_minute() -> None:
    """1,000 requests at once are spread over more than a minute, without a refusal."""
    fake = FakeGitHub(lambda request: answer({}))
    async with fake.client() as client:
        await asyncio.gather(*(client.get(f"/x/{n}") for n in range(1_000)))
    times = sorted(sent.at for sent in fake.log)
    for start in {times[0], times[880]}:
        assert sum(start <= at < start + 60 for at in times) < 900
    assert fake.peak <= 40


async def test_cancelled_requests_give_their_slots_back() -> None:
    """Nothing leaks when a caller goes away."""
    fake = FakeGitHub(lambda request: answer({}))
    async with fake.client(learned=LearnedPace(concurrency=2)) as client:
        tasks = [asyncio.create_task(client.get(f"/x/{n}")) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(await client.get("/y"), Found)
        assert isinstance(await client.get("/z"), Found)
    gc.collect()
