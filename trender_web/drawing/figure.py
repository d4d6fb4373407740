"""A chart with everything that must come with it: a title, a sentence, a drawing, a table.

Define here what all figures share: sizes, axis numbers, dates along an axis. The drawings of the
single kinds are in their own modules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape

from trender_web.answer.formats import short

WIDTH = 560
MAX_POINTS = 400
NOTHING = Markup("")


@dataclass(frozen=True)
class Figure:
    """One chart.

    Attributes:
        title: What it shows, in a few words.
        summary: One sentence that says what there is to see.
        svg: The drawing; empty when there is too little to draw.
        heads: Column heads of the table twin.
        lines: Rows of the table twin, as texts.
        drawing: The same drawing on its own, without a legend, for export.
    """

    title: str
    summary: str
    svg: Markup
    heads: Sequence[str]
    lines: Sequence[Sequence[str]]
    drawing: Markup = NOTHING

    @property
    def body(self) -> Markup:
        """The rows as markup; joined here because a year of days is slow in a template."""
        rows = []
        for line in self.lines:
            cells = "".join(f'<td class="n">{escape(value)}</td>' for value in line[1:])
            rows.append(f'<tr><th scope="row">{escape(line[0])}</th>{cells}</tr>')
        return Markup("".join(rows))


def nice_ticks(low: float, high: float, wanted: int = 4, *, whole: bool = False) -> list[float]:
    """Round numbers that span low to high; whole ones where halves mean nothing."""
    if high <= low:
        high = low + 1
    raw = (high - low) / wanted
    if whole:
        raw = max(1.0, raw)
    size = 10 ** math.floor(math.log10(raw))
    factors = (1, 2, 5, 10) if whole else (1, 2, 2.5, 5, 10)
    step = next(size * factor for factor in factors if size * factor >= raw * 0.999)
    first = math.floor(low / step)
    last = math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def tick_text(value: float) -> str:
    """An axis number."""
    return short(round(value, 6) if value != int(value) else int(value))


def date_ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Days to mark between two days: every few days, months or years, at most eight."""
    days = (last - first).days
    if days <= 45:
        step = max(1, math.ceil((days + 1) / 7))
        marks = [last - timedelta(days=back) for back in range(0, days + 1, step)]
        return [(day, f"{day.day} {day:%b}") for day in reversed(marks)]
    months: list[date] = []
    year, month = first.year, first.month
    while True:
        month += 1
        if month > 12:
            year, month = year + 1, 1
        if date(year, month, 1) > last:
            break
        months.append(date(year, month, 1))
    step = max(1, math.ceil(len(months) / 7))
    return [(day, f"{day:%b}" if step < 4 else f"{day:%b %Y}") for day in months[::step]]


def coordinate(value: float) -> str:
    """A number in a path: one decimal at most."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def as_text(value: Any) -> str:
    """A cell of a table twin."""
    if value is None:
        return "—"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value}"
