"""The week's cards: facts of the warehouse drawn as SVG and, when the renderer is there, as PNG.

Define here which drawings become PNG and how the renderer is called. It is imported only when a
picture is made, sees nothing but drawings of `cards`, and its absence is a reason, not a failure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
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

Row = dict[str, Any]
PICTURED = frozenset(("weekly_community", "featured", "page"))
NOT_WANTED = "made from the drawing when somebody asks for it"
NOT_INSTALLED = "the renderer is not installed: install trender[charts]"
FACTS = tuple(field.name for field in fields(RepositoryFacts))


def card(facts: Row) -> Row:
    """A row of marketing_cards, all but its PNG, from a row of marketing_card_facts."""
    drawing = _drawing(facts)
    return facts | {
        "title": drawing.title,
        "alt_text": drawing.alt_text,
        "svg": drawing.svg,
        "svg_sha256": hashlib.sha256(drawing.svg.encode()).hexdigest(),
        "width": WIDTH,
        "height": HEIGHT,
    }


def _drawing(facts: Row) -> Drawing:
    if facts["card_kind"] != "page":
        return repository_card(RepositoryFacts(**{name: facts[name] for name in FACTS}))
    listed = [(name, f"{gain(gained)} in 7 d") for name, gained in facts["listed"]]
    return list_card(facts["title"], facts["lead_text"], listed, facts["as_of"])


def add_pictures(
    cards: Sequence[Row], known: Mapping[str, bytes], render: Callable[[str], bytes] | None
) -> int:
    """Give the cards their PNG, or the reason why there is none; returns how many were made.

    Args:
        cards: Rows of `card`.
        known: PNGs by the hash of the drawing they were made from.
        render: Makes a PNG, or None when the renderer is not installed.
    """
    wanted = {one["svg_sha256"]: one["svg"] for one in cards if one["card_kind"] in PICTURED}
    made = {key: render(svg) for key, svg in wanted.items() if key not in known} if render else {}
    for one in cards:
        png = made.get(one["svg_sha256"]) or known.get(one["svg_sha256"])
        reason = NOT_INSTALLED if one["card_kind"] in PICTURED else NOT_WANTED
        one |= {"png": png, "png_reason": None if png else reason}
    return len(made)


def renderer() -> Callable[[str], bytes] | None:
    """A function from SVG to PNG, or None when vl-convert is not installed."""
    try:
        import vl_convert
    except ImportError:
        return None

    def render(svg: str) -> bytes:
        if "<image" in svg or "<foreignObject" in svg:
            raise ValueError("a card holds shapes and letters only")
        return vl_convert.svg_to_png(svg, scale=1)

    return render
