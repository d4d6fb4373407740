"""A week of commits, closed issues and authors: every page, and what a missing page leaves unknown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.github.asking import AS_OF, WINDOW, answering, failed, nobody, page
from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.batches import Part
from trender_assets.github.listings import MOST_PAGES
from trender_assets.trending.reading.activity import CLOSED_ISSUES, COMMITS
from trender_assets.trending.reading.fields import (
    Ask,
    Field,
)
from trender_assets.trending.reading.reading import StreamReading, timestamp


async def commits_and_authors(
    node: dict[str, Any], ask: Ask
) -> tuple[Answer[StreamReading], Answer[StreamReading]]:
    streams = await COMMITS.read(node, AS_OF, ask)
    return streams["commits"], streams["contributors"]


async def closed_issues(node: dict[str, Any], ask: Ask) -> Answer[StreamReading]:
    return (await CLOSED_ISSUES.read(node, AS_OF, ask))["issues"]


def commit(number: int, login: str | None = "ann") -> dict[str, Any]:
    user = {"login": login, "databaseId": 1} if login else None
    author = {"name": "Ann", "email": "Ann@x.org", "user": user}
    return {
        "oid": str(number),
        "committedDate": "2026-11-20T00:00:00Z",
        "authors": {"nodes": [author]},
    }


def branch(content: dict[str, Any]) -> dict[str, Any]:
    return {"name": "main", "target": {"history": content}}


async def test_all_pages_of_commits_are_read() -> None:
    """199 commits are more than a page; repeated ones count once; no default page cuts."""
    pages = [[commit(n) for n in range(start, start + 100)] for start in (0, 60, 99)]
    ask = answering(branch(page(pages[1], "c2", 199)), branch(page(pages[2], None, 199)))
    commits, authors = await commits_and_authors(
        {"id": "R_1", "commits": branch(page(pages[0], "c1", 199))}, ask
    )
    assert isinstance(commits, Found) and isinstance(authors, Found)
    assert commits.value.data["totalCount"] == len(commits.value.data["nodes"]) == 199
    assert not commits.value.is_truncated
    assert authors.value.data["nodes"][0]["authors"] == [
        {"login": "ann", "databaseId": 1, "name": "Ann", "email": "Ann@x.org"}
    ]
    assert [field.variables["after"] for field in ask.asked] == ["c1", "c2"]  # type: ignore[attr-defined]
    assert (commits.value.window_end - commits.value.window_start).days == 7


def busy(count: int) -> list[dict[str, Any]]:
    """Commits of a week, newest first, bunched towards its end."""
    span = (WINDOW.end - WINDOW.start).total_seconds()
    return [
        {
            **commit(number),
            "committedDate": timestamp(
                WINDOW.end - timedelta(seconds=span * (number / count) ** 1.3 * 0.99)
            ),
        }
        for number in range(count)
    ]


async def test_a_busy_repositorys_commits_are_read_at_once() -> None:
    """430 commits are the first page and one round of slices, whatever their number."""
    commits_of_the_week = busy(430)
    asked: list[Field] = []

    async def ask(field: Field) -> Part:
        asked.append(field)
        inside = [
            item
            for item in commits_of_the_week
            if field.variables["since"] <= item["committedDate"] <= field.variables["until"]
        ]
        more = "more" if len(inside) > 100 else None
        return Part(branch(page(inside[:100], more, len(inside))), (), None, AS_OF)

    first = branch(page(commits_of_the_week[:100], "c1", 430))
    commits, authors = await commits_and_authors({"id": "R_1", "commits": first}, ask)
    assert isinstance(commits, Found) and isinstance(authors, Found)
    assert {item["oid"] for item in commits.value.data["nodes"]} == {
        item["oid"] for item in commits_of_the_week
    }
    assert len(asked) == 5 and all("after" not in field.variables for field in asked)


async def test_a_slice_of_more_than_a_page_is_read_to_its_end() -> None:
    """Half of the week's 430 commits came in one hour."""
    burst = [{**item, "committedDate": timestamp(WINDOW.start)} for item in busy(230)]
    early = [{**item, "oid": f"b{item['oid']}"} for item in burst]
    everything = [*busy(200), *early]

    async def ask(field: Field) -> Part:
        inside = [
            item
            for item in everything
            if field.variables["since"] <= item["committedDate"] <= field.variables["until"]
        ]
        start = int(field.variables.get("after", 0))
        more = str(start + 100) if len(inside) > start + 100 else None
        return Part(branch(page(inside[start : start + 100], more, len(inside))), (), None, AS_OF)

    first = branch(page(everything[:100], "100", 430))
    commits, _ = await commits_and_authors({"id": "R_1", "commits": first}, ask)
    assert isinstance(commits, Found) and not commits.value.is_truncated
    assert len({item["oid"] for item in commits.value.data["nodes"]}) == 430


async def test_slices_that_do_not_add_up_are_read_page_by_page() -> None:
    """A slice that fails costs time and loses nothing."""
    pages = [[commit(n) for n in range(start, start + 100)] for start in (100, 200)]

    async def ask(field: Field) -> Part:
        if "after" not in field.variables:
            return failed("timeout")
        number = 0 if field.variables["after"] == "c1" else 1
        return Part(branch(page(pages[number], ["c2", None][number], 300)), (), None, AS_OF)

    first = branch(page([commit(n) for n in range(100)], "c1", 300))
    commits, _ = await commits_and_authors({"id": "R_1", "commits": first}, ask)
    assert isinstance(commits, Found)
    assert len(commits.value.data["nodes"]) == 300 and not commits.value.is_truncated


async def test_a_page_cap_is_said() -> None:
    """The cap of 30 pages is marked, not hidden."""
    endless = page([commit(1)], "again", 100_000)
    commits, authors = await commits_and_authors(
        {"id": "R_1", "commits": branch(endless)}, answering(branch(endless))
    )
    assert isinstance(commits, Found) and isinstance(authors, Found)
    assert commits.value.is_truncated and authors.value.is_truncated
    assert commits.value.data["totalCount"] == 100_000
    assert MOST_PAGES == 30


async def test_a_failing_page_makes_authors_unknown_not_fewer() -> None:
    """The total stays true, the list is marked, authors are unknown."""
    first = {"id": "R_1", "commits": branch(page([commit(1)], "c", 150))}
    commits, authors = await commits_and_authors(first, answering(failed("timeout")))
    assert isinstance(commits, Found) and commits.value.is_truncated
    assert commits.value.data["totalCount"] == 150
    assert authors == Unknown("timeout")


async def test_an_empty_repository_has_no_commits() -> None:
    commits, authors = await commits_and_authors(
        {"id": "R_1", "commits": None, "defaultBranchRef": None}, nobody
    )
    assert isinstance(commits, Found) and commits.value.data == {
        "branch": None,
        "totalCount": 0,
        "nodes": [],
    }
    assert isinstance(authors, Found) and authors.value.data == {"nodes": []}
    broken = {"id": "R_1", "commits": None, "defaultBranchRef": {"name": "main"}}
    assert isinstance((await commits_and_authors(broken, nobody))[0], Unknown)


async def test_closed_issues_are_paged_and_disabled_issues_said() -> None:
    """Every page of what was updated; closedAt is kept for whoever counts."""
    first = {"id": "R_1", "hasIssuesEnabled": True, "recentlyClosed": page([{"number": 1}], "c", 2)}
    issues = await closed_issues(first, answering(page([{"number": 1}, {"number": 2}], None, 2)))
    assert isinstance(issues, Found)
    assert issues.value.data == {"hasIssuesEnabled": True, "nodes": [{"number": 1}, {"number": 2}]}
    assert await closed_issues(first, answering(failed("timeout"))) == Unknown("timeout")
    off = await closed_issues({"id": "R_1", "hasIssuesEnabled": False}, nobody)
    assert off == Absent("disabled")


def test_timestamps_are_utc_with_z(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's zone, GitHub gets UTC; a naive time is refused."""
    monkeypatch.setenv("TZ", "America/New_York")
    assert timestamp(datetime.fromisoformat("2026-11-25T01:00:00+05:00")) == "2026-11-24T20:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        timestamp(datetime(2026, 11, 25))  # noqa: DTZ001
