"""Searches: slices without loss, incomplete answers, pages that loop, shift or lead away."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.github.fakes import FakeGitHub, answer, script
from tests.github.searching import AS_OF, ask, found, repo, stars_query
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.cache import MemoryETagStore
from trender_assets.trending.reading.discovery import DiscoveryQuery, discover


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
    """2,600 repositories through a window of 1,000: each once."""
    index = Index([n % 700 for n in range(2_600)])
    fake = FakeGitHub(index)
    listed, (outcome,) = await ask(fake, stars_query(5_000))
    assert sorted(item.repo_id for item in listed) == list(range(1, 2_601))
    assert (outcome.items, outcome.total_count, outcome.is_capped) == (2_600, 2_600, False)


async def test_a_capped_search_says_so() -> None:
    """300 exist, 100 were wanted: the highest come, and the cap is recorded."""
    listed, (outcome,) = await ask(FakeGitHub(Index(list(range(300)))), stars_query(100))
    assert [item.repo_id for item in listed] == list(range(300, 200, -1))
    assert (outcome.items, outcome.total_count, outcome.is_capped, outcome.pages) == (
        100,
        300,
        True,
        1,
    )


async def test_incomplete_results_are_asked_again_more_narrowly() -> None:
    """GitHub's search times out above 150 matches: slices find all of the best."""
    fake = FakeGitHub(Index(list(range(400)), incomplete_above=250))
    listed, (outcome,) = await ask(fake, stars_query(100))
    assert not outcome.incomplete_results
    assert [item.repo_id for item in listed] == list(range(400, 300, -1))


async def test_a_search_that_stays_incomplete_is_marked() -> None:
    """What is missing is not gone: the outcome says that the result is not complete."""
    fake = FakeGitHub(Index(list(range(400)), incomplete_above=-1))
    listed, (outcome,) = await ask(fake, stars_query(100))
    assert outcome.incomplete_results and "not complete" in (outcome.reason or "")
    assert isinstance(outcome.answer, Found) and listed
    assert len(fake.log) <= 15


async def test_items_repeated_across_pages_count_once() -> None:
    """The order changes between pages."""
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
    """Page cap and host check; what came before is kept, the outcome is unknown."""
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
    """More than 100 repositories, private ones and broken items left out."""
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
    """Page 2 fails: 100 candidates, but nobody believes that there were only 100."""
    link = '<https://api.github.com/orgs/o/repos?page=2>; rel="next"'
    fake = FakeGitHub(
        script(answer([repo(n) for n in range(1, 101)], headers={"link": link}), answer("", 503))
    )
    listed, (outcome,) = await ask(fake, DiscoveryQuery("o", "organisation", "o", max_results=300))
    assert len(listed) == 100
    assert isinstance(outcome.answer, Unknown) and outcome.is_capped


async def test_code_search_nests_the_repository() -> None:
    """No stars, the repository inside, several files of one repository, its own budget."""
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
    """422 is unknown with GitHub's words, 404 absent, the third is found."""
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


async def test_searches_are_asked_in_full() -> None:
    """Facts §1.5: a search's answer is not worth keeping, whatever ETag it has."""
    fake = FakeGitHub(lambda request: found([repo(1)], headers={"etag": '"s"'}))
    store = MemoryETagStore()
    for _ in range(2):
        async with fake.client(cache=store) as client:
            await discover(client, [stars_query()], as_of=AS_OF)
    assert store.entries == {}
    assert not any("if-none-match" in sent.request.headers for sent in fake.log)
