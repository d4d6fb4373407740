"""What could not be read is kept as the bytes it came as: bounded, hashed, without secrets."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.github.fakes import NOW, FakeGitHub, answer, script
from tests.github.test_wire import HEAD, QuickClock, server
from trender_assets.github.answers import Answer, Found, Unknown
from trender_assets.github.client import GitHubClient
from trender_assets.github.replies import KEPT_BYTES, MOST_KEPT, UnreadableAnswer
from trender_assets.trending.reading.discovery import Candidate, DiscoveryQuery, discover
from trender_assets.trending.reading.repositories import RepositoryReader
from trender_assets.trending.reading.stars import read_star_histories

HTML = b"<html><body>Unicorn!</body></html>"
CANARY = "ghp_CANARY0123456789abcdefABCDEF012345"
AS_OF = datetime.fromtimestamp(NOW, UTC)


async def get(
    *answers: httpx.Response, **options: Any
) -> tuple[Answer[Any], list[UnreadableAnswer], dict[str, Any]]:
    fake = FakeGitHub(script(*answers))
    async with fake.client(**options) as client:
        result = await client.get("/orgs/o/repos?page=2", purpose="organisation", expect=list)
        return result, client.unreadable.answers, client.report.as_dict()


@pytest.mark.parametrize(
    ("content", "headers", "reason"),
    [
        (HTML, {"content-type": "text/html; charset=utf-8"}, "malformed: not JSON (text/html)"),
        (b'[{"id": 1}, {"id"', {"content-type": "application/json"}, "malformed: not JSON"),
        (b"[NaN]", {}, "malformed: not JSON"),
        (b"\xff\xfe\x00\x80", {}, "malformed: not JSON"),
        (b"", {}, "malformed: empty body"),
        (b'{"message": "no list"}', {}, "malformed: expected a JSON list"),
        (b"null", {}, "malformed: expected a JSON list"),
    ],
)
async def test_the_exact_bytes_are_kept(
    content: bytes, headers: dict[str, str], reason: str
) -> None:
    """HTML with 200, broken JSON, no text at all, JSON of another type."""
    result, kept, report = await get(answer(content, headers=headers))
    assert isinstance(result, Unknown) and result.reason.startswith(reason)
    assert kept, "nothing was kept"
    for one in kept:
        assert (one.content, one.size) == (content, len(content))
        assert one.sha256 == hashlib.sha256(content).hexdigest()
        assert one.reason.startswith(reason)
        assert (one.request, one.purpose) == ("GET /orgs/o/repos", "organisation")
    assert report["unreadable"] == {"malformed": len(kept)}


async def test_an_answer_that_came_right_the_second_time_is_still_kept() -> None:
    """What was wrong with the first try must not be lost because the second went well."""
    result, kept, _ = await get(answer(HTML), answer([]))
    assert isinstance(result, Found)
    assert [one.content for one in kept] == [HTML]
    assert kept[0].fetched_at == AS_OF


async def test_good_answers_and_refusals_are_not_kept() -> None:
    """An error that says what it is needs no quarantine, nor does a connection's end."""
    for one in (
        answer([]), answer(None, 204), answer("Not Found", 404), answer("<html>", 502),
        answer({"message": "no"}, 403),
    ):  # fmt: skip
        _, kept, report = await get(one)
        assert kept == [] and report["unreadable"] == {}, one


async def test_long_answers_keep_their_beginning_length_and_hash() -> None:
    """64 KiB of it, and what proves the rest."""
    content = b"<" + bytes(range(256)) * 1_000
    _, kept, _ = await get(answer(content))
    assert kept[0].content == content[:KEPT_BYTES]
    assert kept[0].size == len(content) == 256_001
    assert kept[0].sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        b"<pre>Authorization: Bearer " + CANARY.encode() + b"</pre>",
        b"<pre>my-secret-of-another-shape</pre>",
        b"x" * (KEPT_BYTES - 10) + CANARY.encode(),
        b"\xff github_pat_11AAAAAAA0123456789 \xfe",
    ],
)
async def test_no_token_is_kept(content: bytes) -> None:
    """A proxy's page that repeats the request; also a token that lies across the cut."""
    tokens = [CANARY, "my-secret-of-another-shape"]
    _, kept, _ = await get(answer(content, headers={"x-echo": CANARY}), tokens=tokens)
    shown = repr(kept[0])
    assert "CANARY" not in shown and "my-secret" not in shown and "github_pat_" not in shown
    assert "ghp_" not in shown
    assert b"[redac" in kept[0].content
    assert kept[0].sha256 == hashlib.sha256(content).hexdigest(), "what came can be recognised"


async def test_bytes_that_only_look_unusual_stay_as_they_are() -> None:
    """Evidence is not tidied: only tokens are masked."""
    content = bytes(range(256)) + b"password=hunter2hunter2 token abcdefghijkl"
    _, kept, _ = await get(answer(content))
    assert kept[0].content == content


async def test_an_outage_does_not_fill_the_warehouse() -> None:
    """The first ones are kept, all are counted."""
    fake = FakeGitHub(script(answer({"message": "no list"})))
    async with fake.client() as client:
        for number in range(MOST_KEPT + 7):
            await client.get(f"/x/{number}", expect=list)
    assert len(client.unreadable.answers) == MOST_KEPT
    assert client.report.unreadable == {"malformed": MOST_KEPT + 7}


async def test_an_oversized_body_leaves_its_beginning() -> None:
    """A bomb is given up at the cap; the length says how far it was read."""
    bomb = gzip.compress(b"0" * 3_000_000)

    async def serve(writer: Any) -> None:
        writer.write(
            HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb) + bomb
        )
        await writer.drain()

    async with (
        server(serve) as url,
        GitHubClient(
            tokens=["t"], api_base_url=url, clock=QuickClock(), body_limit=100_000
        ) as client,
    ):
        assert await client.get("/x") == Unknown("oversized")
    (one,) = client.unreadable.answers
    assert one.content == b"0" * KEPT_BYTES
    assert 100_000 < one.size < 100_000 + KEPT_BYTES + 1
    assert one.sha256 == hashlib.sha256(b"0" * one.size).hexdigest()
    assert client.report.unreadable == {"oversized": 1}


@pytest.mark.parametrize(
    ("encoding", "sent", "begins"),
    [
        (b"gzip", gzip.compress(b'{"a": "' + b"b" * 500 + b'"}')[:-9], b'{"a": "bbb'),
        (b"gzip", b"{not gzip}", b"{not gzip}"),
        (b"br", b"{not asked for}", b"{not asked for}"),
    ],
    ids=["cut short", "no gzip", "not asked for"],
)
async def test_bad_compression_leaves_what_came(
    encoding: bytes, sent: bytes, begins: bytes
) -> None:
    """Cut gzip as far as it could be unpacked; what is no gzip as it came."""

    async def serve(writer: Any) -> None:
        length = b"content-length: %d\r\n\r\n" % len(sent)
        writer.write(HEAD + b"content-encoding: " + encoding + b"\r\n" + length + sent)
        await writer.drain()

    async with (
        server(serve) as url,
        GitHubClient(tokens=["t"], api_base_url=url, clock=QuickClock()) as client,
    ):
        assert await client.get("/x") == Unknown("malformed: bad compression")
    assert all(one.content.startswith(begins) for one in client.unreadable.answers)
    assert client.report.unreadable["malformed"] == len(client.unreadable.answers) == 4


async def test_graphql_without_data_is_kept() -> None:
    """JSON that is no GraphQL answer."""
    for body in (b"[]", b'{"data": null}', b'{"hello": 1}'):
        fake = FakeGitHub(script(answer(body, resource="graphql")))
        async with fake.client() as client:
            reply = await client.graphql("{x}", {}, purpose="repositories")
        assert reply.data is None and reply.problem == "malformed: no data"
        (one,) = client.unreadable.answers
        assert (one.content, one.request) == (body, "POST /graphql")


async def test_a_search_without_items_is_kept() -> None:
    """An object, yet not what a search answers."""
    body = b'{"total_count": 3, "items": {"0": 1}}'
    fake = FakeGitHub(script(answer(body, resource="search", remaining=29, limit=30)))
    async with fake.client() as client:
        query = DiscoveryQuery("q", "search_repositories", "language:go")
        _, (outcome,) = await discover(client, [query], as_of=AS_OF)
    assert isinstance(outcome.answer, Unknown)
    (one,) = client.unreadable.answers
    assert (one.content, one.request) == (body, "GET /search/repositories")
    assert (one.purpose, one.reason) == ("search", "malformed: a search without items")


async def test_a_star_history_that_does_not_add_up_is_kept() -> None:
    """With the repository it belongs to; a new repository's empty history is no fault."""
    wrong = json.dumps([{"week": 1793491200, "total": 9, "days": [1] * 7}]).encode()
    fake = FakeGitHub(
        lambda request: answer(
            wrong if "/odd/" in request.url.path else [], headers={"etag": '"e"'}
        )
    )
    async with fake.client() as client:
        readings = [r async for r in read_star_histories(client, [(7, "o/odd"), (8, "o/new")])]
    assert all(isinstance(item.answer, Unknown) for item in readings)
    (one,) = client.unreadable.answers
    assert (one.content, one.repo_id, one.full_name) == (wrong, 7, "o/odd")
    assert one.reason.startswith("star history is inconsistent")


async def test_a_malformed_repository_is_kept_alone() -> None:
    """Of a batch that is fine otherwise, only the share that is not."""
    node = {"__typename": "Repository", "id": "R_5", "stargazerCount": -1}
    fake = FakeGitHub(script(answer({"data": {"r0": node}}, resource="graphql")))
    async with fake.client() as client:
        reader = RepositoryReader(client, as_of=AS_OF, with_files=False)
        (reading,) = [r async for r in reader.read([Candidate(5, "R_5", "o/five", ("q",))])]
    assert isinstance(reading.core, Unknown)
    (one,) = client.unreadable.answers
    assert json.loads(one.content) == node
    assert (one.repo_id, one.full_name, one.reason) == (5, "o/five", reading.core.reason)
