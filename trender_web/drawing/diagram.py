"""The services of a Blueprint as a picture: what runs, what it reads from.

Define here how validated service fields become boxes and arrows. Only names, types and links that
the pipeline's parser accepted come here; every text is escaped, and the page lists the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from trender_web.answer.text import shown

BOX_WIDTH, BOX_HEIGHT, GAP = 250, 52, 16
COLUMNS = (10, 420)
WIDTH = 740
STORES = frozenset(("keyvalue", "redis", "database"))
MAX_BOXES = 30


def service_diagram(
    services: Sequence[dict[str, Any]], databases: Sequence[dict[str, Any]]
) -> Markup:
    """Services on the left, stores on the right, an arrow for each link that is known."""
    boxes = [
        (str(item.get("name") or "unnamed"), str(item.get("type") or "unknown"), item)
        for item in services
    ]
    boxes += [(str(item.get("name") or "unnamed"), "database", item) for item in databases]
    if not boxes:
        return Markup("")
    boxes = boxes[:MAX_BOXES]
    places: dict[str, tuple[int, int]] = {}
    counts = [0, 0]
    shapes: list[Markup] = []
    for name, kind, item in boxes:
        column = 1 if kind in STORES else 0
        x, y = COLUMNS[column], 10 + counts[column] * (BOX_HEIGHT + GAP)
        counts[column] += 1
        places.setdefault(name, (x, y))
        shapes.append(_box(x, y, name, kind, item))
    arrows = [
        _arrow(places[name], places[str(target)])
        for name, _, item in boxes
        for target in item.get("links") or ()
        if str(target) in places and str(target) != name
    ]
    height = 10 + max(counts) * (BOX_HEIGHT + GAP)
    label = f"{len(services)} services and {len(databases)} databases of the Blueprint"
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><defs>'
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="tip" d="M0 0l8 4l-8 4z"/></marker></defs>'
        "{}{}</svg>"
    ).format(WIDTH, height, label, Markup("").join(arrows), Markup("").join(shapes))


def _box(x: int, y: int, name: str, kind: str, item: dict[str, Any]) -> Markup:
    details = [kind, *(str(item[key]) for key in ("runtime", "plan", "schedule") if item.get(key))]
    return Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="8"/>'
        '<text class="ink" x="{}" y="{}" font-weight="600">{}</text><text x="{}" y="{}">{}</text>'
    ).format(
        "box" if kind in STORES else "boxr", x, y, BOX_WIDTH, BOX_HEIGHT,
        x + 12, y + 22, shown(name, 30), x + 12, y + 40, shown(" · ".join(details), 40),
    )  # fmt: skip


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> Markup:
    (x1, y1), (x2, y2) = start, end
    y1, y2 = y1 + BOX_HEIGHT // 2, y2 + BOX_HEIGHT // 2
    if x1 < x2:
        path = f"M{x1 + BOX_WIDTH} {y1}C{x1 + BOX_WIDTH + 70} {y1} {x2 - 70} {y2} {x2 - 2} {y2}"
    elif x1 > x2:
        path = f"M{x1} {y1}C{x1 - 70} {y1} {x2 + BOX_WIDTH + 70} {y2} {x2 + BOX_WIDTH + 2} {y2}"
    else:
        edge = x1 + BOX_WIDTH
        path = f"M{edge} {y1}C{edge + 60} {y1} {edge + 60} {y2} {edge + 2} {y2}"
    return Markup('<path class="arrow" d="{}" stroke-width="1.5" marker-end="url(#tip)"/>').format(
        path
    )
