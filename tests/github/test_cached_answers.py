"""ETags: what a 304 stands for, and what a damaged store costs."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.github.fakes import NOW, FakeGitHub, answer, script
from trender_assets.github.answers import Found, Unknown
from trender_assets.github.cache import CachedAnswer, MemoryETagStore
from trender_assets.github.client import GitHubClient


def _entry(client: GitHubClient, path: str, body: bytes, link: str | None = None) -> CachedAnswer:
    key = client._key(path)
    return CachedAnswer(key, 'W/"1"', None, link, body, 200, datetime.fromtimestamp(NOW, UTC))


async def test_304_gives_the_stored_body_and_link() -> None:
    """A 304 has neither body nor Link; both come from the store."""
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
    """A damaged store costs a request, not data."""
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
    """The store's entry has the exact ETag and Link."""
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
