"""Star histories: only what adds up is believed, and the window follows GitHub's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.github.fakes import FakeGitHub, answer
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.cache import MemoryETagStore
from trender_assets.trending.reading.stars import checked_weeks, read_star_histories, stars_window

SUNDAY = 1_763_251_200  # 2025-11-16
WEEK = 7 * 86_400


def week(back: int = 0, days: list[int] | None = None, **more: Any) -> dict[str, Any]:
    days = days if days is not None else [3, 5, 9, 8, 7, 6, 3]
    return {"week": SUNDAY - back * WEEK, "total": sum(days), "days": days, **more}


def test_a_good_history_is_kept_newest_first() -> None:
    """Order is ours, further keys are dropped, equal duplicates count once."""
    found = checked_weeks([week(1), week(0, note="x"), week(1), week(2, [0] * 7)])
    assert found == Found([week(0), week(1), week(2, [0] * 7)])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"weeks": []}, "no list"),
        ([], "empty"),
        ([week(total=42)], "not the sum"),
        ([week(0, [1] * 6)], "7 days"),
        ([week(0, [1, 1, 1, 1, 1, 1, -1])], "negative"),
        ([week(0, [1, 1, 1, 1, 1, 1, 1.5])], "negative or no number"),
        ([week(0, [1, 1, 1, 1, 1, 1, True])], "negative or no number"),
        ([week(total="41")], "no number"),
        ([week(week="2025-11-16")], "no time"),
        ([week(0), week(2)], "7 days apart"),
        ([week(0), week(0, [1] * 7)], "twice"),
        (["x"], "no object"),
    ],
)
def test_a_history_that_does_not_add_up_is_unknown(body: Any, reason: str) -> None:
    """Never 0, never a guess: unknown with the reason."""
    result = checked_weeks(body)
    assert isinstance(result, Unknown) and reason in result.reason


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2025-11-20T07:59:00+00:00", date(2025, 11, 18)),
        ("2025-11-20T08:01:00+00:00", date(2025, 11, 19)),
        ("2026-03-08T07:59:00+00:00", date(2026, 3, 6)),
        ("2026-03-09T07:01:00+00:00", date(2026, 3, 8)),
        ("2026-11-01T06:59:00+00:00", date(2026, 10, 30)),
        ("2026-11-02T07:59:00+00:00", date(2026, 10, 31)),
        ("2026-11-02T08:01:00+00:00", date(2026, 11, 1)),
    ],
)
def test_the_window_ends_yesterday_in_los_angeles(as_of: str, last: date) -> None:
    """Complete days only, daylight saving (2026-03-08, 2026-11-01) included."""
    window = stars_window([], datetime.fromisoformat(as_of))
    assert (window.last_day, window.first_day) == (last, last - timedelta(days=6))
    assert (window.stars, window.covered_days) == (0, 0)


def test_the_window_sums_complete_days_and_drops_days_to_come() -> None:
    """Today and the zero-filled future do not count; a hole is visible."""
    weeks = [week(0, [1, 2, 4, 8, 99, 99, 99]), week(1, [0, 0, 0, 0, 16, 32, 64])]
    window = stars_window(weeks, datetime(2025, 11, 20, 20, tzinfo=UTC))
    assert (window.stars, window.covered_days) == (1 + 2 + 4 + 8 + 16 + 32 + 64, 7)
    assert stars_window(weeks[:1], datetime(2025, 11, 20, 20, tzinfo=UTC)).covered_days == 4


async def test_histories_are_read_once_with_etags() -> None:
    """Found, absent and inconsistent side by side; the second run is 304."""
    store = MemoryETagStore()

    def handler(request: Any) -> Any:
        if "gone" in request.url.path:
            return answer({"message": "Not Found"}, 404)
        if "odd" in request.url.path:
            return answer([week(total=1)], headers={"etag": '"odd"'})
        if request.headers.get("if-none-match") == '"e"':
            return answer(status=304)
        return answer([week()], headers={"etag": '"e"', "link": '<u?page=2>; rel="next"'})

    fake = FakeGitHub(handler)
    wanted = [(1, "a/good"), (2, "a/gone"), (3, "a/odd"), (1, "a/good")]
    for run in range(2):
        async with fake.client(cache=store) as client:
            readings = {r.repo_id: r async for r in read_star_histories(client, wanted)}
        assert readings[1].answer == Found([week()])
        assert readings[1].not_modified is (run == 1)
        assert readings[2].answer == Absent("not_found")
        assert isinstance(readings[3].answer, Unknown)
    assert len(fake.log) == 6
    assert fake.log[0].request.url.query == b"per_page=30"
    assert not any(e.etag == '"odd"' for e in store.entries.values()), "a bad body is not cached"
