"""Badges: a rank, a momentum or a count of stars as a small SVG for a README.

Define here how a badge looks and what it says when there is nothing to say. It holds text and
shapes only: no script, no link, nothing that a proxy of pictures would strip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from trender_web.answer.answers import config_of, from_reading, kept
from trender_web.answer.formats import fixed, short
from trender_web.answer.openapi import SVG_ANSWER
from trender_web.answer.params import once
from trender_web.answer.text import shown
from trender_web.config import WebConfig
from trender_web.data.store import Reading, Row
from trender_web.pages.sharing.lookup import find, staleness

router = APIRouter(tags=["badges"], dependencies=[once])
CACHE = "public, max-age=3600, stale-while-revalidate=86400"
HEIGHT = 20
Metric = Literal["rank", "momentum", "stars"]
Theme = Literal["light", "dark"]
Owner = Annotated[str, Path(max_length=60, description="The owner's login.")]
Name = Annotated[str, Path(max_length=120, description="The repository's name.")]
LABELS = {"rank": "Trender", "momentum": "Trender momentum", "stars": "Trender stars"}
# Label ground, label ink, value ground (known), value ground (unknown or stale), value ink.
COLOURS = {
    "light": ("#24292f", "#ffffff", "#0b6e5f", "#6b5310", "#ffffff"),
    "dark": ("#2f3742", "#f2f4f7", "#5fd3bd", "#f3c969", "#0d1512"),
}
# Advance widths of Verdana at 11 px: narrow, usual and wide letters.
NARROW, WIDE = frozenset("ijlftr.,:;'|!()[]/ -"), frozenset("mwMW@%#")


@dataclass(frozen=True)
class Words:
    """What a badge says: its value, its full sentence, whether it is known and fresh."""

    value: str
    sentence: str
    is_good: bool


@router.get("/badge/{owner}/{name}.svg", responses=SVG_ANSWER)
@from_reading
def badge(
    request: Request,
    reading: Reading,
    owner: Owner,
    name: Name,
    metric: Annotated[Metric, Query(description="What it shows.")] = "rank",
    theme: Annotated[Theme, Query(description="For which ground.")] = "light",
) -> Response:
    """A repository's badge; one we don't follow gets one that says so."""
    row = find(reading, owner, name)
    words = say(row, metric, config_of(request))
    return kept(draw(words, theme, LABELS[metric]), "image/svg+xml", CACHE)


def say(row: Row | None, metric: Metric, config: WebConfig) -> Words:
    """A badge's words."""
    if row is None:
        return Words("not tracked", "Trender does not follow this repository", is_good=False)
    name = shown(row["repo_full_name"], 140)
    texts = {
        "rank": f"#{row['rank_overall']}" if row["rank_overall"] is not None else None,
        "momentum": fixed(row["momentum_score"]) if row["momentum_score"] is not None else None,
        "stars": short(row["stars"]) if row["stars"] is not None else None,
    }
    value = texts[metric]
    old = staleness(row, config)
    if value is None:
        return Words("not ranked" if metric == "rank" else "unknown",
                     f"{name}: {metric} is not known", is_good=False)  # fmt: skip
    if old is not None:
        return Words(f"{value} · {old}", f"{name}: {metric} {value}, {old}", is_good=False)
    as_of = f"as of {row['as_of']:%Y-%m-%d %H:%M} UTC"
    return Words(value, f"{name}: {metric} {value} on Trender, {as_of}", is_good=True)


def draw(words: Words, theme: Theme, label: str) -> str:
    """The badge as SVG."""
    left_ground, left_ink, good, doubtful, right_ink = COLOURS[theme]
    left, right = text_width(label) + 14, text_width(words.value) + 14
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" role="img" '
        'aria-label="{sentence}"><title>{sentence}</title>'
        '<rect width="{total}" height="{height}" rx="4" fill="{left_ground}"/>'
        '<path d="M{left} 0h{flat}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-{flat}z" fill="{ground}"/>'
        '<g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        '<text x="{left_middle}" y="14" fill="{left_ink}" textLength="{left_text}">{label}</text>'
        '<text x="{right_middle}" y="14" fill="{right_ink}" textLength="{right_text}">{value}'
        "</text>"
        "</g></svg>"
    ).format(
        total=left + right, height=HEIGHT, sentence=words.sentence, left_ground=left_ground,
        left=left, flat=right - 4, ground=good if words.is_good else doubtful,
        left_middle=left / 2, left_ink=left_ink, left_text=left - 14, label=label,
        right_middle=left + right / 2, right_ink=right_ink, right_text=right - 14,
        value=words.value,
    )  # fmt: skip


def text_width(text: str) -> int:
    """Pixels a text takes at 11 px."""
    units = sum(4.2 if c in NARROW else 10.2 if c in WIDE else 7.0 for c in text)
    return max(12, round(units))
