"""What the marketing assets read from the analytics tables.

Define here the queries whose rows become cards, stories, drafts and comparisons. What is said
about the rows belongs to `marketing/`, storing the result to `warehouse/marketing_tables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

CURVE_DAYS = 28
TOP_RISERS = 10
Row = dict[str, Any]


def newest_as_of(connection: psycopg.Connection) -> datetime | None:
    """Time of the newest observation, or None while there is none (or no model was ever built)."""
    built = connection.execute("select to_regclass('analytics.fact_repo_snapshots')").fetchone()
    if built is None or built[0] is None:
        return None
    row = connection.execute(
        """
        select max(as_of) from analytics.fact_repo_snapshots
        where snapshot_date = (select max(snapshot_date) from analytics.fact_repo_snapshots)
        """
    ).fetchone()
    return row[0] if row else None


def card_rows(connection: psycopg.Connection) -> list[Row]:
    """Every repository that gets a card: ranked ones and all that have to do with Render."""
    return _rows(
        connection,
        """
        select current_repo.*, showcase.repo_id is not null as is_showcased,
            (select count(*) from analytics.repositories_current where is_ranked) as ranked_count
        from analytics.repositories_current as current_repo
        left join analytics.analytics_render_showcase as showcase
            on current_repo.repo_id = showcase.repo_id
        where current_repo.availability = 'available'
            and (current_repo.rank_in_language <= 100 or showcase.repo_id is not null)
        order by current_repo.momentum_score desc nulls last, current_repo.stars desc,
            current_repo.repo_id
        """,
    )


def curves(
    connection: psycopg.Connection, repo_ids: Sequence[int], day: date
) -> dict[int, tuple[int | None, ...]]:
    """Stars gained on each of the 28 days before a day, by one source per repository."""
    rows = _rows(
        connection,
        """
        with days as (
            select repo_id, star_date, stars_gained, source,
                bool_or(source = 'github_history') over (partition by repo_id) as has_history
            from analytics.fact_star_days
            where repo_id = any(%(ids)s) and star_date >= %(day)s::date - %(count)s::integer
                and star_date < %(day)s::date
        )
        select repo_id, star_date, stars_gained from days
        where source = case when has_history then 'github_history' else 'own_snapshots' end
        """,
        {"ids": list(repo_ids), "day": day, "count": CURVE_DAYS},
    )
    found: dict[int, dict[date, int]] = {}
    for row in rows:
        found.setdefault(row["repo_id"], {})[row["star_date"]] = row["stars_gained"]
    days = [day - timedelta(days=back) for back in range(CURVE_DAYS, 0, -1)]
    # The day that GitHub's calendar has not completed yet is the last one and never known.
    return {
        repo_id: _trimmed(tuple(gains.get(each) for each in days))
        for repo_id, gains in found.items()
    }


def _trimmed(days: tuple[int | None, ...]) -> tuple[int | None, ...]:
    while days and days[-1] is None:
        days = days[:-1]
    return days


def _rows(
    connection: psycopg.Connection, query: LiteralString, values: dict[str, Any] | None = None
) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
