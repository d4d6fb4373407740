"""Horizontal bars: how much of what, largest first.

Define here how counts by name are drawn; more than five parts are never a pie.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from trender_web.answer.formats import exact
from trender_web.answer.text import shown
from trender_web.drawing.figure import WIDTH, Figure

ROW = 26
LABEL = 130


def bar_figure(
    title: str, summary: str, bars: Sequence[tuple[str, int]], heads: tuple[str, str]
) -> Figure:
    """A bar per name with its number written behind it, and the table twin."""
    lines = [[shown(name, 80), exact(value)] for name, value in bars]
    if not bars or max(value for _, value in bars) <= 0:
        return Figure(title, summary, Markup(""), heads, lines)
    most = max(value for _, value in bars)
    room = WIDTH - LABEL - 60
    out = []
    for index, (name, value) in enumerate(bars):
        y = index * ROW
        width = max(2, round(room * value / most)) if value > 0 else 0
        out.append(
            Markup(
                '<text x="{}" y="{}" text-anchor="end" class="ink">{}</text>'
                '<rect class="f1" x="{}" y="{}" width="{}" height="16" rx="3"/>'
                '<text x="{}" y="{}">{}</text>'
            ).format(LABEL - 8, y + 17, shown(name, 24), LABEL, y + 5, width, LABEL + width + 6,
                     y + 17, exact(value))
        )  # fmt: skip
    svg = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, len(bars) * ROW + 4, shown(title, 200), Markup("").join(out)
    )
    return Figure(title, summary, svg, heads, lines)
