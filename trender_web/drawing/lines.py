"""Lines over days: up to five series, told apart by colour, dash and the mark at their end.

Define here how a series over time is drawn. What is drawn is the page's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from trender_web.answer.text import shown
from trender_web.drawing.figure import (
    MAX_POINTS,
    WIDTH,
    Figure,
    as_text,
    coordinate,
    date_ticks,
    nice_ticks,
    tick_text,
)

HEIGHT = 230
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 26
DASHES = ("", "7 4", "2 4", "9 3 2 3", "5 2")
MARKS = (
    '<circle cx="{x}" cy="{y}" r="4"/>',
    '<path d="M{x} {y}m-4 -4h8v8h-8z"/>',
    '<path d="M{x} {y}m0 -5l5 9h-10z"/>',
    '<path d="M{x} {y}m0 -5l5 5l-5 5l-5 -5z"/>',
    '<path d="M{x} {y}m-5 -4h10l-5 9z"/>',
)


@dataclass(frozen=True)
class Series:
    """One line: its name and its values by day; a missing day leaves a gap."""

    name: str
    values: Mapping[date, float | int | None]


def line_figure(
    title: str,
    summary: str,
    series: Sequence[Series],
    *,
    unit: str,
    upside_down: bool = False,
    marks: Sequence[tuple[date, str]] = (),
) -> Figure:
    """A line chart with its table twin.

    Args:
        title: What it shows.
        summary: What there is to see, in a sentence.
        series: One to five lines.
        unit: What is counted; named along the axis.
        upside_down: Whether small is on top, as for ranks.
        marks: Days of releases with their tags; those outside of the lines are left out.
    """
    days = sorted(
        {day for line in series for day, value in line.values.items() if value is not None}
    )
    lines = [
        [day.isoformat(), *[as_text(line.values.get(day)) for line in series]]
        for day in reversed(days)
    ]
    heads = ["Day", *[line.name for line in series]]
    if len(days) < 2:
        return Figure(title, summary, Markup(""), heads, lines)
    drawing = _draw(title, series[:5], days, unit, upside_down, marks)
    key = legend(heads[1:]) if len(series) > 1 else Markup("")
    return Figure(title, summary, drawing + key, heads, lines[:MAX_POINTS], drawing)


def _draw(
    title: str,
    series: Sequence[Series],
    days: Sequence[date],
    unit: str,
    upside_down: bool,
    marks: Sequence[tuple[date, str]],
) -> Markup:
    values = [v for line in series for v in line.values.values() if v is not None]
    low = 1 if upside_down else min(0.0, float(min(values)))
    ticks = nice_ticks(low, float(max(values)), whole=upside_down)
    bottom, top = ticks[0], ticks[-1]
    if upside_down:
        ticks = [max(1, tick) for tick in ticks]
        bottom = 1
    span = (days[-1] - days[0]).days or 1

    def x(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - days[0]).days / span

    def y(value: float) -> float:
        share = (value - bottom) / (top - bottom or 1)
        share = 1 - share if upside_down else share
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    out: list[Markup] = []
    for tick in ticks:
        out.append(
            Markup(
                '<path class="grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(LEFT, coordinate(y(tick)), WIDTH - RIGHT, LEFT - 6, coordinate(y(tick) + 4),
                     tick_text(tick))
        )  # fmt: skip
    for day, label in date_ticks(days[0], days[-1]):
        is_last = x(day) > WIDTH - RIGHT - 24
        out.append(
            Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
                WIDTH - 2 if is_last else coordinate(max(x(day), LEFT + 12)), HEIGHT - 8,
                "end" if is_last else "middle", label,
            )
        )  # fmt: skip
    for day, tag in marks:
        if days[0] <= day <= days[-1]:
            out.append(
                Markup(
                    '<g class="mark"><path d="M{0} {1}V{2}"/><path d="M{0} {1}l-4 -6h8z"/>'
                    "<title>{3} published {4}</title></g>"
                ).format(
                    coordinate(x(day)), TOP + 2, HEIGHT - BOTTOM, shown(tag, 60), day.isoformat()
                )
            )
    for index, line in enumerate(series):
        out.append(_line(index, line, x, y))
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, shown(f"{title}: {unit}", 200), Markup("").join(out)
    )


def _line(index: int, line: Series, x, y) -> Markup:
    path: list[str] = []
    pen_up = True
    before: date | None = None
    last: tuple[float, float] | None = None
    for day in sorted(line.values):
        value = line.values[day]
        if value is None:
            pen_up = True
            continue
        at = (x(day), y(float(value)))
        gap = before is not None and (day - before).days > 8
        path.append(f"{'M' if pen_up or gap else 'L'}{coordinate(at[0])} {coordinate(at[1])}")
        pen_up, before, last = False, day, at
    if last is None:
        return Markup("")
    mark = Markup(MARKS[index].format(x=coordinate(last[0]), y=coordinate(last[1])))
    return Markup(
        '<path class="s{}" d="{}" fill="none" stroke-width="2" stroke-linejoin="round"{}/>'
        '<g class="f{}">{}</g>'
    ).format(index + 1, "".join(path), _dash(index), index + 1, mark)


def _dash(index: int) -> Markup:
    dash = DASHES[index]
    return Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup("")


def legend(names: Sequence[str]) -> Markup:
    """What each line is, with its colour, dash and mark."""
    items = []
    for index, name in enumerate(names):
        mark = Markup(MARKS[index].format(x=28, y=6))
        items.append(
            Markup(
                '<span><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">'
                '<path class="s{0}" d="M0 6H28" stroke-width="2"{1}/><g class="f{0}">{2}</g></svg>'
                "<bdi>{3}</bdi></span>"
            ).format(index + 1, _dash(index), mark, escape(shown(name, 60)))
        )
    return Markup('<p class="key lines">{}</p>').format(Markup("").join(items))
