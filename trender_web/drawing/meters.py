"""Bars inside table cells and times on a common scale: drawings that any width can hold.

Define here a bar whose numbers stand beside it as text. They carry no text of their own, so they
may be stretched; colours come from the style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

SPAN = 1000
FEWEST_COLUMNS = 30


def meter(value: float | None, most: float, style: str = "b1") -> Markup:
    """A bar from the left, in proportion to the largest value; empty when not known."""
    share = 0 if value is None or most <= 0 else max(0.0, min(1.0, value / most))
    width = max(round(share * SPAN), 4 if value else 0)
    return _bar(Markup('<rect class="{}" width="{}" height="10"/>').format(style, width))


def interval(share: float | None, low: float | None, high: float | None, most: float) -> Markup:
    """A share as a bar with its interval as a line over it."""
    if share is None or low is None or high is None or most <= 0:
        return _bar(Markup(""))
    scale = SPAN / most
    return _bar(
        Markup(
            '<rect class="b1" width="{}" height="10"/>'
            '<rect class="edge" x="{}" y="4" width="{}" height="2"/>'
        ).format(round(share * scale), round(low * scale), max(3, round((high - low) * scale)))
    )


def gantt(start: float, length: float, whole: float, style: str = "b1") -> Markup:
    """When something ran within a whole, all in seconds."""
    if whole <= 0:
        return _bar(Markup(""))
    x = max(0.0, min(1.0, start / whole)) * SPAN
    width = max(4.0, min(SPAN - x, length / whole * SPAN))
    return _bar(
        Markup('<rect class="{}" x="{}" width="{}" height="10"/>').format(
            style, round(x), round(width)
        )
    )


def columns(
    values: Sequence[tuple[float | None, str]], label: str, most: float | None = None
) -> Markup:
    """One column per value, oldest first; a missing value leaves its place empty.

    Args:
        values: (height, style) of each column.
        label: What the picture shows, for who can't see it.
        most: The value of full height; the largest when not given.
    """
    known = [value for value, _ in values if value is not None]
    most = max(known, default=0) if most is None or not known else most
    if most <= 0:
        return Markup("")
    shapes = [
        Markup('<rect class="{}" x="{}" y="{}" width="8" height="{}"/>').format(
            style, index * 10 + 1, 100 - height, height
        )
        for index, (value, style) in enumerate(values)
        if value is not None
        for height in [max(2, round(value / most * 100))]
    ]
    return Markup(
        '<svg class="strip" viewBox="0 0 {} 100" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(max(FEWEST_COLUMNS, len(values)) * 10, label, Markup("").join(shapes))


def _bar(inner: Markup) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {} 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(SPAN, inner)
