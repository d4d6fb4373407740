"""Small charts inside a row: a sparkline and a bar of parts.

Define here a drawing that needs no axis. Sizes are small integers, so that a hundred of them
compress to a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

HEIGHT = 20
STEP = 4


def sparkline(values: Sequence[int | float | None]) -> Markup:
    """A line over days; a day that is not known leaves a gap. Empty when nothing is known.

    The picture carries no text: the page says the same in words beside it.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(0, *known), max(known)
    scale = (HEIGHT - 2) / (high - low) if high > low else 0
    path: list[str] = []
    before: int | None = None
    for index, value in enumerate(values):
        if value is None:
            before = None
            continue
        y = HEIGHT - 1 - round((value - low) * scale)
        path.append(f"M{index * STEP} {y}" if before is None else f"l{STEP} {y - before}")
        before = y
    width = (len(values) - 1) * STEP
    return Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.5" '
        'vector-effect="non-scaling-stroke"/></svg>'
    ).format(width, HEIGHT, "".join(path))


def parts_bar(parts: Sequence[tuple[str, float | None]]) -> Markup:
    """A bar divided in the proportion of its positive parts; empty when there is nothing.

    Args:
        parts: (name for the label, size); sizes below zero or unknown take no room.
    """
    sizes = [(name, max(0.0, value or 0.0)) for name, value in parts]
    total = sum(size for _, size in sizes)
    if total <= 0:
        return Markup("")
    label = ", ".join(f"{name} {value:.1f}" for name, value in parts if value is not None)
    shapes: list[str] = []
    at = 0
    for index, (_, size) in enumerate(sizes, start=1):
        width = round(size / total * 100)
        if width:
            shapes.append(f'<rect class="p{index}" x="{at}" width="{width}" height="8"/>')
        at += width
    return Markup(
        '<svg class="mini" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(escape(label), Markup("".join(shapes)))
