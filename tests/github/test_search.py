"""Searches: slices without loss, incomplete answers, pages that loop, shift or lead away."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.github.fakes import NOW, FakeGitHub, answer, script
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.cache import MemoryETagStore
from trender_assets.github.discovery import DiscoveryQuery, discover
from trender_assets.github.slices import halves

AS_OF = datetime.fromtimestamp(NOW, UTC)
TODAY = date(2026, 11, 25)


def repo(number: int, stars: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "node_id": f"R_{number}",
        "full_name": f"o/r{number}",
        "stargazers_count": stars,
        **more,
    }


def found(items: list[dict[str, Any]], total: int | None = None, **more: Any) -> httpx.Response:
    body = {
        "total_count": len(items) if total is None else total,
        "incomplete_results": False,
        "items": items,
    }
    headers = more.pop("headers", None)
    return answer({**body, **more}, resource="search", remaining=29, limit=30, headers=headers)


async def ask(fake: FakeGitHub, *queries: DiscoveryQuery):
    async with fake.client() as client:
        return await discover(client, queries, as_of=AS_OF)


def stars_query(most: int = 100, text: str = "language:python") -> DiscoveryQuery:
    return DiscoveryQuery("q", "search_repositories", text, sort="stars", max_results=most)


class Index:
    """A search engine over repositories with stars, with GitHub's cap of 1,000 results."""

    def __init__(self, stars: list[int], incomplete_above: int | None = None) -> None:
        self.rows = [repo(n, s) for n, s in enumerate(stars, start=1)]
        self.incomplete_above = incomplete_above

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        low, high = 0, 10**9
        if match := re.search(r"stars:(\S+)", params["q"]):
            text = match.group(1)
            if text.startswith(">="):
                low = int(text[2:])
            else:
                low, high = map(int, text.split(".."))
        rows = sorted(
            (r for r in self.rows if low <= r["stargazers_count"] <= high),
            key=lambda r: -r["stargazers_count"],
        )
        size, page = int(params["per_page"]), int(params.get("page", 1))
        if (page - 1) * size >= 1000:
            return answer(
                {"message": "Only the first 1000 search results are available"},
                422,
                resource="search",
            )
        part = rows[:1000][(page - 1) * size : page * size]
        headers = {}
        if page * size < min(len(rows), 1000):
            following = request.url.copy_merge_params({"page": str(page + 1)})
            headers = {"link": f'<{following}>; rel="next"'}
        is_incomplete = self.incomplete_above is not None and len(rows) > self.incomplete_above
        if is_incomplete:
            part = part[: len(part) // 2]
        return found(part, len(rows), incomplete_results=is_incomplete, headers=headers)


async def test_more_than_a_thousand_results_are_sliced_without_loss() -> None:
    """T19, A14: 2,600 repositories through a window of 1,000: each once."""
    index = Index([n % 700 for n in range(2_600)])
    fake = FakeGitHub(index)
    listed, (outcome,) = await ask(fake, stars_query(5_000))
    assert sorted(item.repo_id for item in listed) == list(range(1, 2_601))
    assert (outcome.items, outcome.total_count, outcome.is_capped) == (2_600, 2_600, False)


async def test_a_capped_search_says_so() -> None:
    """T19: 300 exist, 100 were wanted: the highest come, and the cap is recorded."""
    listed, (outcome,) = await ask(FakeGitHub(Index(list(range(300)))), stars_query(100))
    assert [item.repo_id for item in listed] == list(range(300, 200, -1))
    assert (outcome.items, outcome.total_count, outcome.is_capped, outcome.pages) == (
        100,
        300,
        True,
        1,
    )


async def test_incomplete_results_are_asked_again_more_narrowly() -> None:
    """A14: GitHub's search times out above 150 matches: slices find all of the best."""
    fake = FakeGitHub(Index(list(range(400)), incomplete_above=250))
    listed, (outcome,) = await ask(fake, stars_query(100))
    assert not outcome.incomplete_results
    assert [item.repo_id for item in listed] == list(range(400, 300, -1))


async def test_a_search_that_stays_incomplete_is_marked() -> None:
    """A14: what is missing is not gone: the outcome says that the result is not complete."""
    fake = FakeGitHub(Index(list(range(400)), incomplete_above=-1))
    listed, (outcome,) = await ask(fake, stars_query(100))
    assert outcome.incomplete_results and "not complete" in (outcome.reason or "")
    assert isinstance(outcome.answer, Found) and listed
    assert len(fake.log) <= 15


async def test_items_repeated_across_pages_count_once() -> None:
    """A14: the order changes between pages."""
    link = '<https://api.github.com/search/repositories?q=x&page=2>; rel="next"'
    fake = FakeGitHub(
        lambda request: (
            found([repo(2), repo(3)], 3)
            if "page=2" in str(request.url).replace("per_page", "")
            else found([repo(1), repo(2)], 3, headers={"link": link})
        )
    )
    listed, (outcome,) = await ask(fake, stars_query(200))
    assert [item.repo_id for item in listed] == [1, 2, 3]
    assert outcome.items == 3


@pytest.mark.parametrize(
    "target", ["https://evil.example/search?page=2", "https://api.github.com/orgs/o/repos?page=1"]
)
async def test_links_that_loop_or_lead_away_end_the_listing(target: str) -> None:
    """A15: page cap and host check; what came before is kept, the outcome is unknown."""
    rows = iter(range(1, 1000))
    fake = FakeGitHub(
        lambda request: answer([repo(next(rows))], headers={"link": f'<{target}>; rel="next"'})
    )
    listed, (outcome,) = await ask(fake, DiscoveryQuery("o", "organisation", "o", max_results=300))
    assert listed and isinstance(outcome.answer, Unknown)
    assert outcome.is_capped
    assert len(fake.log) <= 3
    assert all(sent.request.url.host == "api.github.com" for sent in fake.log)


async def test_an_organisation_is_read_to_its_end() -> None:
    """T19: more than 100 repositories, private ones and broken items left out."""
    rows = [repo(n) for n in range(1, 251)]
    rows[5]["private"] = True
    rows[6] = {"id": "7", "node_id": "x", "full_name": "o/r7"}
    rows[7]["full_name"] = "../etc/passwd"

    def handler(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 1))
        following = request.url.copy_merge_params({"page": str(page + 1)})
        headers = {"link": f'<{following}>; rel="next"'} if page < 3 else {}
        return answer(rows[(page - 1) * 100 : page * 100], headers=headers)

    listed, (outcome,) = await ask(
        FakeGitHub(handler), DiscoveryQuery("o", "organisation", "o", max_results=300)
    )
    assert (outcome.items, outcome.pages, outcome.is_capped) == (247, 3, False)
    assert len(listed) == 247


async def test_a_failing_page_keeps_what_came_before_and_is_unknown() -> None:
    """T18: page 2 fails: 100 candidates, but nobody believes that there were only 100."""
    link = '<https://api.github.com/orgs/o/repos?page=2>; rel="next"'
    fake = FakeGitHub(
        script(answer([repo(n) for n in range(1, 101)], headers={"link": link}), answer("", 503))
    )
    listed, (outcome,) = await ask(fake, DiscoveryQuery("o", "organisation", "o", max_results=300))
    assert len(listed) == 100
    assert isinstance(outcome.answer, Unknown) and outcome.is_capped


async def test_code_search_nests_the_repository() -> None:
    """T20: no stars, the repository inside, several files of one repository, its own budget."""
    items = [
        {"name": "render.yaml", "path": "render.yaml", "repository": repo(n)} for n in (1, 1, 2)
    ]
    fake = FakeGitHub(script(found(items, 2)))
    listed, (outcome,) = await ask(
        fake, DiscoveryQuery("f", "search_code", "filename:render.yaml path:/")
    )
    assert [item.repo_id for item in listed] == [1, 2]
    assert fake.log[0].path == "/search/code"
    assert outcome.items == 2


async def test_one_query_failing_leaves_the_others() -> None:
    """D5, T18: 422 is unknown with GitHub's words, 404 absent, the third is found."""
    fake = FakeGitHub(
        lambda request: (
            answer({"message": "Validation Failed"}, 422)
            if "search" in request.url.path
            else answer({"message": "Not Found"}, 404)
            if "ghost" in request.url.path
            else answer([repo(1)])
        )
    )
    queries = [
        stars_query(),
        DiscoveryQuery("g", "user", "ghost"),
        DiscoveryQuery("o", "organisation", "o"),
    ]
    listed, outcomes = await ask(fake, *queries)
    assert [type(o.answer) for o in outcomes] == [Unknown, Absent, Found]
    assert outcomes[0].reason == "refused: Validation Failed"
    assert [item.repo_id for item in listed] == [1]


async def test_candidates_name_every_query_that_listed_them() -> None:
    fake = FakeGitHub(script(found([repo(1)])))
    first, second = stars_query(), DiscoveryQuery("young", "search_repositories", "y")
    listed, _ = await ask(fake, first, second)
    assert [item.discovered_by for item in listed] == [("q", "young")]


@pytest.mark.parametrize(
    ("query", "cut"),
    [
        ("language:go stars:>=20", ("language:go stars:20..119", "language:go stars:>=120")),
        ("stars:10..19 language:go", ("stars:10..13 language:go", "stars:14..19 language:go")),
        ("topic:x", ("topic:x stars:0..99", "topic:x stars:>=100")),
        (
            "x stars:5",
            (
                "x stars:5 created:2007-10-01..2017-04-28",
                "x stars:5 created:2017-04-29..2026-11-25",
            ),
        ),
        (
            "stars:5..5 created:2026-11-24..2026-11-25",
            (
                "stars:5..5 created:2026-11-24..2026-11-24",
                "stars:5..5 created:2026-11-25..2026-11-25",
            ),
        ),
        ("stars:5..5 created:2026-11-25", None),
    ],
)
def test_halves(query: str, cut: tuple[str, str] | None) -> None:
    """T19: disjoint ranges that meet, down to one star and one day."""
    assert halves(query, TODAY) == cut


def test_code_is_cut_by_size() -> None:
    assert halves("filename:render.yaml path:/", TODAY, is_code=True) == (
        "filename:render.yaml path:/ size:0..196608",
        "filename:render.yaml path:/ size:196609..393216",
    )


@given(st.integers(0, 10**6), st.integers(0, 10**6) | st.none())
def test_halves_lose_and_repeat_nothing(low: int, width: int | None) -> None:
    """A14: every number of the range is in exactly one half."""
    high = None if width is None else low + width
    cut = halves(f"stars:>={low}" if high is None else f"stars:{low}..{high}", TODAY)
    assert cut is not None
    if high == low:
        assert "created:" in cut[0]
        return
    first = re.fullmatch(r"stars:(\d+)\.\.(\d+)", cut[0])
    second = re.fullmatch(r"stars:(?:>=(\d+)|(\d+)\.\.(\d+))", cut[1])
    assert first and second
    assert int(first[1]) == low <= int(first[2])
    assert int(second[1] or second[2]) == int(first[2]) + 1
    assert (None if second[3] is None else int(second[3])) == high


class Account:
    """An organisation whose listing has ETags and, on a 304, no Link header."""

    def __init__(self, pages: dict[str, list[dict[str, Any]]]) -> None:
        self.pages = pages

    def __call__(self, request: httpx.Request) -> httpx.Response:
        number = request.url.params.get("page", "1")
        rows = self.pages[number]
        tag = f'W/"{hash(str(rows))}"'
        if request.headers.get("if-none-match") == tag:
            return answer(None, 304, headers={"etag": tag})
        following = str(int(number) + 1)
        address = "https://api.github.com/organizations/7/repos?per_page=100&page="
        link = {"link": f'<{address}{following}>; rel="next"'} if following in self.pages else {}
        return answer(rows, headers={"etag": tag, **link})


async def test_an_unchanged_account_is_not_paid_for() -> None:
    """A16: every page by its ETag, the next page by the stored Link; only what changed is new."""
    account = Account({"1": [repo(1), repo(2)], "2": [repo(3)], "3": [repo(4)]})
    fake, store = FakeGitHub(account), MemoryETagStore()
    query = DiscoveryQuery("o", "organisation", "o", max_results=300)

    async def run() -> tuple[list[int], int, Any]:
        async with fake.client(cache=store) as client:
            listed, (outcome,) = await discover(client, [query], as_of=AS_OF)
            assert outcome.pages == 3 and not outcome.is_capped
            return [item.repo_id for item in listed], client.report.not_modified, outcome.answer

    assert await run() == ([1, 2, 3, 4], 0, Found(4))
    assert await run() == ([1, 2, 3, 4], 3, Found(4))
    account.pages["2"] = [repo(3), repo(9)]
    assert await run() == ([1, 2, 3, 9, 4], 2, Found(5))
    assert await run() == ([1, 2, 3, 9, 4], 3, Found(5))
    assert len(store.entries) == 3


async def test_searches_are_asked_in_full() -> None:
    """Facts §1.5: a search's answer is not worth keeping, whatever ETag it has."""
    fake = FakeGitHub(lambda request: found([repo(1)], headers={"etag": '"s"'}))
    store = MemoryETagStore()
    for _ in range(2):
        async with fake.client(cache=store) as client:
            await discover(client, [stars_query()], as_of=AS_OF)
    assert store.entries == {}
    assert not any("if-none-match" in sent.request.headers for sent in fake.log)


async def test_a_listing_that_broke_off_keeps_its_good_pages() -> None:
    """A16, A12: page 2 is unreadable: page 1 is kept, page 2 is asked in full the next time."""
    account = Account({"1": [repo(1)], "2": [repo(2)]})
    broken = True

    def handler(request: httpx.Request) -> httpx.Response:
        if broken and request.url.params.get("page") == "2":
            return answer({"message": "no list"}, headers={"etag": '"bad"'})
        return account(request)

    fake, store = FakeGitHub(handler), MemoryETagStore()
    query = DiscoveryQuery("o", "organisation", "o", max_results=300)
    async with fake.client(cache=store) as client:
        listed, (outcome,) = await discover(client, [query], as_of=AS_OF)
    assert isinstance(outcome.answer, Unknown) and len(listed) == len(store.entries) == 1
    broken = False
    async with fake.client(cache=store) as client:
        listed, (outcome,) = await discover(client, [query], as_of=AS_OF)
    assert outcome.answer == Found(2) and client.report.not_modified == 1
