"""Long listings are read in slices of time at once, and never lose what a slice left out."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.github.asking import AS_OF, WINDOW, failed, page
from trender_assets.github.answers import Found
from trender_assets.github.batches import Part
from trender_assets.github.listings import borders
from trender_assets.trending.reading.activity import read_issues
from trender_assets.trending.reading.fields import Field
from trender_assets.trending.reading.reading import timestamp

Issue = dict[str, Any]


class Tracker:
    """Closed issues of one repository, listed as GitHub lists them."""

    def __init__(self, issues: list[Issue], *, failing_slices: bool = False) -> None:
        self.issues = sorted(issues, key=lambda issue: issue["updatedAt"], reverse=True)
        self.failing_slices = failing_slices
        self.asked: list[Field] = []

    def listed(self, since: str, start: int, *, oldest_first: bool) -> dict[str, Any]:
        inside = [issue for issue in self.issues if issue["updatedAt"] >= since]
        if oldest_first:
            inside.reverse()
        more = str(start + 100) if len(inside) > start + 100 else None
        return page(inside[start : start + 100], more, len(inside))

    def first(self) -> dict[str, Any]:
        return self.listed(timestamp(WINDOW.start), 0, oldest_first=False)

    async def ask(self, field: Field) -> Part:
        self.asked.append(field)
        oldest_first = "direction: ASC" in field.template
        if oldest_first and self.failing_slices:
            return failed("timeout")
        start = int(field.variables.get("after", 0))
        answer = self.listed(field.variables["since"], start, oldest_first=oldest_first)
        return Part(answer, (), None, AS_OF)

    async def read(self) -> list[Issue]:
        node = {"id": "R_1", "hasIssuesEnabled": True, "recentlyClosed": self.first()}
        issues = (await read_issues(node, WINDOW.end, self.ask))["issues"]
        assert isinstance(issues, Found) and not issues.value.is_truncated
        return issues.value.data["nodes"]


def issues_of_a_week(count: int, bunched: float = 1.0) -> list[Issue]:
    span = (WINDOW.end - WINDOW.start).total_seconds()
    return [
        {
            "number": number,
            "updatedAt": timestamp(
                WINDOW.end - timedelta(seconds=span * (number / count) ** bunched * 0.99)
            ),
        }
        for number in range(count)
    ]


def numbers(issues: list[Issue]) -> set[int]:
    return {issue["number"] for issue in issues}


async def test_a_busy_trackers_issues_are_read_at_once() -> None:
    """430 closed issues are the first page and one round of slices."""
    tracker = Tracker(issues_of_a_week(430))
    assert numbers(await tracker.read()) == set(range(430))
    assert len(tracker.asked) == 5
    assert all("after" not in field.variables for field in tracker.asked)


async def test_a_slice_of_more_than_a_page_is_read_to_its_end() -> None:
    """250 of the week's 450 issues were closed by a bot within one second."""
    early = [
        {"number": 1_000 + number, "updatedAt": timestamp(WINDOW.start + timedelta(hours=5))}
        for number in range(250)
    ]
    tracker = Tracker([*issues_of_a_week(200), *early])
    assert numbers(await tracker.read()) == numbers(tracker.issues)
    assert all("direction: ASC" in field.template for field in tracker.asked), "by slices alone"
    assert len(tracker.asked) == 5 + 2, "five slices, one of them of three pages; none reads on"


async def test_slices_that_do_not_add_up_are_read_page_by_page() -> None:
    """An issue that was updated between two pages is in no slice; what is missing is said."""
    tracker = Tracker(issues_of_a_week(330))
    node = {"id": "R_1", "hasIssuesEnabled": True, "recentlyClosed": tracker.first()}
    moved = next(issue for issue in tracker.issues if issue["number"] == 250)
    tracker.issues.remove(moved)
    tracker.issues.insert(0, {**moved, "updatedAt": timestamp(WINDOW.end)})
    issues = (await read_issues(node, WINDOW.end, tracker.ask))["issues"]
    assert isinstance(issues, Found)
    assert {"direction: ASC", "direction: DESC"} == {
        order
        for order in ("direction: ASC", "direction: DESC")
        for field in tracker.asked
        if order in field.template
    }
    assert numbers(issues.value.data["nodes"]) == set(range(330)) - {250}
    assert issues.value.is_truncated, "GitHub counted 330"


async def test_slices_that_fail_are_read_page_by_page() -> None:
    """Slices that don't answer cost time and lose nothing."""
    tracker = Tracker(issues_of_a_week(330), failing_slices=True)
    assert numbers(await tracker.read()) == set(range(330))


async def test_two_pages_are_not_worth_slicing() -> None:
    tracker = Tracker(issues_of_a_week(190))
    assert numbers(await tracker.read()) == set(range(190))
    assert [field.variables.get("after") for field in tracker.asked] == ["100"]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_borders_cover_the_span_newest_first(count: int) -> None:
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)
    parts = borders(start, end, count)
    assert len(parts) == count
    assert parts[0][1] == end and parts[-1][0] == start
    assert all(later[0] == earlier[1] for later, earlier in itertools.pairwise(parts))
