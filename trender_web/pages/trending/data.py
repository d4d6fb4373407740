"""The ranking as data: its filters, its order, its rows, whoever shows them.

Define here what a list of rising repositories is. How it looks belongs to `pages`, how ranks and
scores are computed to the SQL models.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, LiteralString, cast
from urllib.parse import urlencode

from trender_web.answer.errors import invalid
from trender_web.data.store import Reading, Row, query
from trender_web.pages.trending.past_day import checked

Window = Literal["24h", "7d", "30d"]
View = Literal["cards", "table"]
Order = Literal["desc", "asc"]
Ranking = Literal["boosted", "unboosted"]
Sort = Literal[
    "rank", "stars", "forks", "gained_1d", "gained_7d", "gained_28d", "velocity", "activity",
    "commits", "momentum", "trend",
]  # fmt: skip
WINDOW_SORT: dict[str, Sort] = {"24h": "gained_1d", "7d": "rank", "30d": "gained_28d"}
TOP = 100
MAX_ROWS = 1000
COLUMNS = (
    "repo_full_name", "repo_url", "language", "pool", "stars", "forks", "stars_gained_1d",
    "stars_gained_7d", "stars_gained_7d_source", "stars_gained_7d_reason", "stars_gained_28d",
    "star_velocity", "star_growth_pct_7d", "commits_last_7_days", "issues_closed_last_7_days",
    "active_contributors", "activity_score", "momentum_velocity_part", "momentum_activity_part",
    "momentum_unboosted", "render_boost", "age_factor", "momentum_score", "trend_score",
    "rank_overall", "rank_in_language", "rank_overall_unboosted", "previous_rank_overall",
    "first_ranked_date", "uses_render", "render_category", "description", "topics",
    "data_quality_score", "snapshot_date", "as_of", "is_stale", "repo_id",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What of the ranking is wanted.

    Attributes:
        pools: Language slugs; empty for all.
        window: 7d is the momentum ranking, 24h and 30d order by stars gained then.
        render: Only repositories with a valid Blueprint.
        new: Only repositories first ranked within the last seven days.
        text: Part of the name or description, or a topic.
        sort: Another order than the window's.
        order: desc is largest (or first) on top.
        rank: Whether ranks include the Render boost.
        as_of: A past day, or None for the present.
        view: How a page shows it.
    """

    pools: tuple[str, ...] = ()
    window: Window = "7d"
    render: bool = False
    new: bool = False
    text: str = ""
    sort: Sort | None = None
    order: Order = "desc"
    rank: Ranking = "boosted"
    as_of: date | None = None
    view: View = "cards"

    @property
    def sort_key(self) -> str:
        """The order that is really used."""
        chosen = self.sort or WINDOW_SORT[self.window]
        return "unboosted" if chosen == "rank" and self.rank == "unboosted" else chosen

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that differ from their defaults, in one fixed order."""
        values: list[tuple[str, str]] = [("lang", pool) for pool in self.pools]
        for name, value, default in (
            ("window", self.window, "7d"),
            ("render", "1" if self.render else "", ""),
            ("new", "1" if self.new else "", ""),
            ("q", self.text, ""),
            ("rank", self.rank, "boosted"),
            ("sort", self.sort or "", ""),
            ("order", self.order, "desc"),
            ("as_of", str(self.as_of or ""), ""),
            ("view", self.view, "cards"),
        ):
            if value != default:
                values.append((name, value))
        return values

    def address(self, path: str, **changes: Any) -> str:
        """The address of this ranking under `path`, with some filters changed."""
        pairs = (replace(self, **changes) if changes else self).pairs()
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read_trending(
    reading: Reading, filters: Filters, limit: int = TOP, after: str | None = None
) -> list[Row]:
    """Rows of the ranking in its order; ties are ordered by repo_id.

    Raises:
        Problem: 404 when no run covered the wanted day, 422 on a cursor that is none.
    """
    place, last_id = read_cursor(after)
    if filters.as_of is not None:
        checked(reading, filters.as_of)
        frame = "trending_day"
    else:
        frame = "trending_current" if filters.window == "7d" else "trending_latest"
    return reading.execute(
        _composed(frame),
        pools=list(filters.pools) or None,
        render=filters.render,
        new=filters.new,
        text=filters.text.strip(),
        sort=filters.sort_key,
        ascending=filters.order == "asc",
        as_of=filters.as_of,
        limit=limit,
        after_place=place,
        after_id=last_id,
    )


def _composed(frame: str) -> LiteralString:
    """A frame under the shared filter; both are files of ours, values are bound."""
    return cast(LiteralString, f"with frame as (\n{query(frame)})\n{query('trending_filter')}")


def cursor(row: Row) -> str:
    """Where the next page begins: after this row."""
    packed = struct.pack(">dq", row["place"], row["repo_id"])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str | None) -> tuple[float | None, int | None]:
    """The place and id a cursor names.

    Raises:
        Problem: 422 when it is none of ours.
    """
    if text is None:
        return None, None
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        place, repo_id = struct.unpack(">dq", packed)
    except (binascii.Error, struct.error, ValueError):
        raise invalid("after", "is not a cursor", "the value of meta.next") from None
    return place, repo_id


def read_sparks(reading: Reading, rows: Sequence[Row]) -> dict[int, list[int | None]]:
    """Daily star gains of the 28 days before each ranking's day, oldest first."""
    if not rows:
        return {}
    day = max(row["snapshot_date"] for row in rows)
    found = reading.rows("sparks", ids=[row["repo_id"] for row in rows], day=day)
    sparks: dict[int, list[int | None]] = {}
    for row in found:
        known = dict(zip(row["days_back"], row["gains"], strict=True))
        oldest, newest = max(known), min(known)
        sparks[row["repo_id"]] = [known.get(back) for back in range(oldest, newest - 1, -1)]
    return sparks


def public(row: Row) -> Row:
    """A row as the API gives it: the columns of `COLUMNS`."""
    return {name: row.get(name) for name in COLUMNS}
