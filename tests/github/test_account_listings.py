"""Listings of organisations and users: unchanged pages by their ETag, broken ones in full."""

from __future__ import annotations

from typing import Any

import httpx

from tests.github.fakes import FakeGitHub, answer
from tests.github.searching import AS_OF, repo
from trender_assets.github.answers import Found, Unknown
from trender_assets.github.cache import MemoryETagStore
from trender_assets.trending.reading.discovery import DiscoveryQuery, discover


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
    """Every page by its ETag, the next page by the stored Link; only what changed is new."""
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


async def test_a_listing_that_broke_off_keeps_its_good_pages() -> None:
    """Page 2 is unreadable: page 1 is kept, page 2 is asked in full the next time."""
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
