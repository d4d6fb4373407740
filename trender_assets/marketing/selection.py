"""Which cards a week has: who is drawn, in which order, and which drawings become PNG.

Define here the choice. How a card looks belongs to `cards`, how it is stored to
`warehouse/marketing_tables`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from trender_assets.marketing.cards import (
    HEIGHT,
    WIDTH,
    Drawing,
    RepositoryFacts,
    gain,
    list_card,
    repository_card,
)
from trender_assets.marketing.evidence import statement
from trender_assets.marketing.periods import week_of
from trender_assets.marketing.pictures import NOT_INSTALLED

Row = Mapping[str, Any]
Curves = Mapping[int, tuple[int | None, ...]]
WEEKLY = 5
FEATURED = 3
CATEGORIES = ("official", "community", "employee", "blueprint")
PICTURED = frozenset(("weekly_community", "featured", "page"))
NOT_WANTED = "made from the drawing when somebody asks for it"
NUMBERS_QUERY = """
select stars, stars_gained_7d, momentum_score from analytics.fact_repo_snapshots_hourly
where repo_id = {repo_id} and as_of = {as_of}
"""
PAGE_QUERY = """
select repo_full_name, stars_gained_7d, momentum_score from analytics.repositories_current
where is_ranked order by momentum_score desc, stars desc, repo_id limit 5
"""
RENDER_QUERY = """
select repo_full_name, stars, momentum_score from analytics.analytics_render_showcase
where availability = 'available'
order by momentum_score desc nulls last, stars desc, repo_id limit 5
"""


@dataclass(frozen=True)
class Card:
    """One row of marketing_cards; `png_reason` says why there is no PNG."""

    kind: str
    subject: str
    title: str
    alt_text: str
    svg: str
    query: str
    link: str
    as_of: datetime
    repo_id: int | None = None
    repo_full_name: str | None = None
    position: int | None = None
    png: bytes | None = None
    png_reason: str | None = None
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def svg_sha256(self) -> str:
        """Hash of the drawing."""
        return hashlib.sha256(self.svg.encode()).hexdigest()


def draw_all(rows: Sequence[Row], curves: Curves, as_of: datetime) -> list[Card]:
    """Every card of the week.

    Args:
        rows: As `warehouse.marketing.card_rows` gives them: strongest momentum first.
        curves: repo_id → stars gained per day.
        as_of: Time of the newest data; chooses the week.
    """
    showcased = [row for row in rows if row["is_showcased"]]
    week = week_of(as_of).start.isocalendar()
    community = [row for row in showcased if row["render_category"] == "community"][:WEEKLY]
    cards = [
        _card("weekly_community", row, curves, f"Render community, week {week.week}", place)
        for place, row in enumerate(community, start=1)
    ]
    for category in CATEGORIES:
        chosen = [row for row in showcased if row["render_category"] == category][:FEATURED]
        cards += [
            _card("featured", row, curves, category, place)
            for place, row in enumerate(chosen, start=1)
        ]
    cards += [_card("repository", row, curves, row["render_category"] or "") for row in rows]
    return cards + _pages(rows, showcased, as_of)


def with_pictures(
    cards: Sequence[Card],
    known: Mapping[str, bytes],
    render: Callable[[str], bytes] | None,
) -> tuple[list[Card], int]:
    """The cards with their PNGs, and how many had to be made.

    Args:
        cards: Drawings.
        known: PNGs by the hash of the drawing they were made from.
        render: Makes a PNG, or None when the renderer is not installed.
    """
    made: dict[str, bytes] = {}
    out: list[Card] = []
    for card in cards:
        key = card.svg_sha256
        png = known.get(key) or made.get(key)
        if png is None and card.kind in PICTURED and render is not None:
            png = made[key] = render(card.svg)
        reason = None
        if png is None:
            reason = NOT_WANTED if card.kind not in PICTURED else NOT_INSTALLED
        out.append(replace(card, png=png, png_reason=reason))
    return out, len(made)


def _card(kind: str, row: Row, curves: Curves, label: str, position: int | None = None) -> Card:
    facts = RepositoryFacts(
        repo_id=row["repo_id"], repo_full_name=row["repo_full_name"],
        description=row["description"], language=row["language"], stars=row["stars"],
        stars_gained_7d=row["stars_gained_7d"], momentum_score=row["momentum_score"],
        rank_overall=row["rank_overall"], ranked_count=row["ranked_count"],
        uses_render=bool(row["uses_render"]), label="" if label == "uncategorised" else label,
        days=curves.get(row["repo_id"], ()), as_of=row["as_of"],
    )  # fmt: skip
    drawing = repository_card(facts)
    return Card(
        kind=kind, subject=str(facts.repo_id), title=drawing.title, alt_text=drawing.alt_text,
        svg=drawing.svg, as_of=facts.as_of, repo_id=facts.repo_id, position=position,
        repo_full_name=facts.repo_full_name, link=f"/repo/{facts.repo_full_name}",
        query=statement(NUMBERS_QUERY, repo_id=facts.repo_id, as_of=facts.as_of),
    )  # fmt: skip


def _pages(rows: Sequence[Row], showcased: Sequence[Row], as_of: datetime) -> list[Card]:
    ranked = [row for row in rows if row["is_ranked"]]
    ranked_count = rows[0]["ranked_count"] if rows else 0
    lead = f"By momentum, among {ranked_count} ranked repositories"
    cards = [
        _page("trending", "Rising on GitHub", lead, ranked, as_of, PAGE_QUERY, "/"),
        _page("render", "Built with Render", f"{len(showcased)} projects, by momentum", showcased,
              as_of, RENDER_QUERY, "/render"),
    ]  # fmt: skip
    for pool in sorted({row["pool"] for row in ranked if row["pool"]}):
        within = [row for row in ranked if row["pool"] == pool]
        name = within[0]["language"]
        cards.append(
            _page(f"language/{pool}", f"Rising in {name}", "By momentum, among what we follow",
                  within, as_of, PAGE_QUERY, f"/language/{pool}")
        )  # fmt: skip
    return cards


def _page(
    subject: str, title: str, lead: str, rows: Sequence[Row], as_of: datetime, query: str, link: str
) -> Card:
    shown = [(row["repo_full_name"], f"{gain(row['stars_gained_7d'])} in 7 d") for row in rows[:5]]
    drawing: Drawing = list_card(title, lead, shown, as_of)
    return Card(
        kind="page", subject=subject, title=title, alt_text=drawing.alt_text, svg=drawing.svg,
        query=statement(query), link=link, as_of=as_of,
    )  # fmt: skip
