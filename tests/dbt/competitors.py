"""Made-up repositories of a pool, for the trend score.

Define here who competes. What the score makes of them belongs to `test_trend_score`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

COLUMNS = {
    "repo_id": "bigint",
    "pool": "text",
    "snapshot_date": "date",
    "stars": "bigint",
    "stars_gained_1d": "bigint",
    "stars_gained_7d": "bigint",
    "stars_gained_28d": "bigint",
    "commits_last_7_days": "bigint",
    "issues_closed_last_7_days": "bigint",
    "active_contributors": "bigint",
}
Row = dict[str, Any]


def repo(repo_id: int, **values: Any) -> Row:
    """An ordinary repository; `values` replace single columns."""
    row: Row = {
        "repo_id": repo_id,
        "pool": "go",
        "snapshot_date": "2026-01-05",
        "stars": 1000,
        "stars_gained_1d": 2,
        "stars_gained_7d": 14,
        "stars_gained_28d": 56,
        "commits_last_7_days": 5,
        "issues_closed_last_7_days": 3,
        "active_contributors": 2,
    }
    return row | values


def ladder(count: int = 7) -> list[Row]:
    """Repositories of equal size that differ in everything else, the lowest first."""
    return [
        repo(
            i,
            stars_gained_1d=i,
            stars_gained_7d=7 * i,
            stars_gained_28d=28 * i,
            commits_last_7_days=i,
            issues_closed_last_7_days=i,
            active_contributors=i,
        )
        for i in range(1, count + 1)
    ]


def gained() -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(-50, 50) | st.integers(-(2**53), 2**53)


def counted() -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(0, 5) | st.integers(0, 2**53)


POOLS = st.lists(
    st.fixed_dictionaries(
        {
            "pool": st.sampled_from(["go", "python", None]),
            "stars": st.integers(0, 5) | st.integers(0, 2**53),
            "stars_gained_1d": gained(),
            "stars_gained_7d": gained(),
            "stars_gained_28d": gained(),
            "commits_last_7_days": counted(),
            "issues_closed_last_7_days": counted(),
            "active_contributors": counted(),
        }
    ),
    max_size=9,
)
