"""The top of each language's ranking, read from the marts, and why each repository is there.

Define here how a ranking row is said in words. The numbers themselves are computed in dbt and
only repeated here; nothing is recomputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import class_row

from trender_assets.commands.terminal import Terminal, number

if TYPE_CHECKING:
    from trender_assets.settings import Settings

TOP = 10
QUERY = """
select
    pool, rank_in_language, repo_full_name, stars, stars_gained_7d, stars_gained_7d_reason,
    star_velocity, commits_last_7_days, issues_closed_last_7_days, active_contributors,
    momentum_velocity_part, momentum_activity_part, age_factor, render_boost, momentum_score,
    uses_render, as_of
from analytics.analytics_trending_repos_current
where rank_in_language <= %(top)s
order by array_position(%(pools)s::text[], pool), pool, rank_in_language
"""


@dataclass(frozen=True)
class TrendingRow:
    """One ranked repository with the parts of its momentum; None means unknown."""

    pool: str
    rank_in_language: int
    repo_full_name: str
    stars: int | None
    stars_gained_7d: int | None
    stars_gained_7d_reason: str | None
    star_velocity: float | None
    commits_last_7_days: int | None
    issues_closed_last_7_days: int | None
    active_contributors: int | None
    momentum_velocity_part: float | None
    momentum_activity_part: float | None
    age_factor: float | None
    render_boost: float | None
    momentum_score: float | None
    uses_render: bool | None
    as_of: Any

    def as_dict(self) -> dict[str, Any]:
        """Plain values, with the reason in words."""
        return {**asdict(self), "why": why(self)}


def pools(settings: Settings) -> list[str]:
    """The languages in the order the user configured."""
    return [language.slug for language in settings.file.languages]


def top_rows(
    connection: psycopg.Connection, order: Sequence[str], top: int = TOP
) -> list[TrendingRow]:
    """The first repositories of each language; empty before the marts were ever built.

    Args:
        connection: The warehouse.
        order: The languages' order.
        top: How many of each.
    """
    exists = connection.execute(
        "select to_regclass('analytics.analytics_trending_repos_current')"
    ).fetchone()
    if exists == (None,):
        return []
    with connection.cursor(row_factory=class_row(TrendingRow)) as cursor:
        return cursor.execute(QUERY, {"top": top, "pools": list(order)}).fetchall()


def why(row: TrendingRow) -> str:
    """Why a repository is trending, in one sentence made of its momentum's parts.

    The parts are those of the draft's formula: ``0.4 · velocity + 0.6 · activity``, times the age
    factor and the Render boost.
    """
    if row.stars_gained_7d is None:
        reason = row.stars_gained_7d_reason or "not measured"
        stars = f"star gain unknown ({reason})"
    else:
        stars = f"{row.stars_gained_7d:+,} stars in 7 days"
        if row.star_velocity is not None:
            stars += f" ({float(row.star_velocity):.1f} % of all)"
        stars += _gives(row.momentum_velocity_part)
    work = ", ".join(
        _count(value, singular, plural)
        for value, singular, plural in (
            (row.commits_last_7_days, "commit", "commits"),
            (row.issues_closed_last_7_days, "closed issue", "closed issues"),
            (row.active_contributors, "author", "authors"),
        )
    )
    return f"{stars}; {work}{_gives(row.momentum_activity_part)}{_factors(row)}"


def gain(row: TrendingRow) -> str:
    """What is rising, in short: the stars it gained, and of how many."""
    gained = (
        "gain unknown" if row.stars_gained_7d is None else f"{row.stars_gained_7d:+,} in 7 days"
    )
    return f"{gained}, {number(row.stars)} stars"


def show(terminal: Terminal, rows: list[TrendingRow], as_of: datetime | None = None) -> None:
    """Print each language's top: first what it gained, then why it stands where it stands.

    Args:
        terminal: Where to.
        rows: What to show.
        as_of: The run whose result it is; what it did not read is marked with its own time (UTC).
    """
    for pool in dict.fromkeys(row.pool for row in rows):
        terminal.say()
        newest = max((row.as_of for row in rows if row.pool == pool and row.as_of), default=None)
        old = as_of is not None and newest is not None and newest < as_of
        since = f" (of {newest:%Y-%m-%d %H:%M} UTC; not read this time)" if old else ""
        terminal.say(terminal.style(f"Trending in {pool}{since}", "bold"))
        for row in (row for row in rows if row.pool == pool):
            badge = "  [Render]" if row.uses_render else ""
            terminal.say(f"{row.rank_in_language:>3}. {row.repo_full_name}{badge}   {gain(row)}")
            momentum = number(_float(row.momentum_score), 1)
            terminal.say(terminal.style(f"     momentum {momentum}: {why(row)}", "dim"))


def _gives(part: float | None) -> str:
    return "" if part is None else f" → {float(part):.1f}"


def _factors(row: TrendingRow) -> str:
    texts = []
    if row.age_factor is not None and float(row.age_factor) != 1:
        texts.append(f" × {float(row.age_factor):g} older than half a year")
    if row.render_boost is not None and float(row.render_boost) != 1:
        texts.append(f" × {float(row.render_boost):g} for using Render")
    return ";" + ",".join(texts) if texts else ""


def _count(value: int | None, singular: str, plural: str) -> str:
    if value is None:
        return f"{plural} unknown"
    return f"{value:,} {singular if value == 1 else plural}"


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
