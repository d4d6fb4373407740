"""Cards for sharing: 1200×630 SVG drawn from validated text; shapes and letters, nothing else.

Define here how a repository or a page looks as a picture. What is drawn is chosen by the asset,
what a text may hold by `lettering`; the same facts always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from trender_assets.marketing.lettering import FONT, card_text, clipped, fitting_size, wrapped

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
ROOM = WIDTH - 2 * MARGIN
GROUND, PANEL, LINE = "#10201c", "#18302a", "#2c4b43"
SMALL_PRINT = "A rank is a rank among what we follow"
INK, SOFT, ACCENT, RENDER = "#f3f6f4", "#a9c0b8", "#5fd3bd", "#c3aeff"


@dataclass(frozen=True)
class RepositoryFacts:
    """What a repository's card shows; None is drawn as "—"."""

    repo_full_name: str
    description: str | None
    language: str
    stars: int | None
    stars_gained_7d: int | None
    momentum_score: float | None
    rank_overall: int | None
    ranked_count: int
    uses_render: bool
    chosen_for: str
    curve: Sequence[int | None]
    as_of: datetime


@dataclass(frozen=True)
class Drawing:
    """A card: its picture and the same in words."""

    title: str
    alt_text: str
    svg: str


def repository_card(facts: RepositoryFacts) -> Drawing:
    """A repository's name, what it does, four numbers and its last four weeks."""
    owner, _, name = facts.repo_full_name.partition("/")
    owner, name = card_text(owner, 60), card_text(name, 100)
    size = fitting_size(name, ROOM, 76, 36, bold=True)
    out = [
        _text(MARGIN, 140, 30, SOFT, owner + " /"),
        _text(MARGIN, 148 + size * 0.8, size, INK, clipped(name, ROOM, size, bold=True), bold=True),
    ]
    top = 148 + size * 0.8 + 56
    for index, line in enumerate(wrapped(card_text(facts.description, 300), ROOM, 30, 2)):
        out.append(_text(MARGIN, top + index * 42, 30, SOFT, line))
    out.append(_curve(facts.curve))
    numbers = [
        (short(facts.stars), "stars"),
        (gain(facts.stars_gained_7d), "in 7 days"),
        ("—" if facts.momentum_score is None else f"{facts.momentum_score:.1f}", "momentum"),
        (
            "—" if facts.rank_overall is None else f"#{facts.rank_overall}",
            f"of {facts.ranked_count} ranked",
        ),
    ]
    out += [_number(MARGIN + place * 268, *number) for place, number in enumerate(numbers)]
    labels = [card_text(facts.language, 30), *(["Render"] if facts.uses_render else [])]
    labels.append(card_text(facts.chosen_for, 40))
    words = (
        f"{facts.repo_full_name}: {short(facts.stars)} stars, "
        f"{gain(facts.stars_gained_7d)} in 7 days, momentum {numbers[2][0]}, "
        f"rank {numbers[3][0]} of {facts.ranked_count}, as of {stamp(facts.as_of)}"
    )
    return Drawing(facts.repo_full_name, words, _frame(words, labels, facts.as_of, out))


def list_card(title: str, lead: str, rows: Sequence[tuple[str, str]], as_of: datetime) -> Drawing:
    """A page's title and its first five rows: (name, number)."""
    out = [
        _text(MARGIN, 158, fitting_size(title, ROOM, 60, 36, bold=True), INK, title, bold=True),
        _text(MARGIN, 206, 28, SOFT, clipped(card_text(lead, 200), ROOM, 28)),
    ]
    for index, (name, value) in enumerate(rows[:5]):
        y = 240 + index * 56
        shown, right = clipped(card_text(name, 120), ROOM - 330, 28), WIDTH - MARGIN - 20
        out += [
            f'<rect x="{MARGIN}" y="{y}" width="{ROOM}" height="48" rx="10" fill="{PANEL}"/>',
            _text(MARGIN + 20, y + 34, 26, SOFT, str(index + 1)),
            _text(MARGIN + 64, y + 34, 28, INK, shown),
            _text(right, y + 34, 28, ACCENT, card_text(value, 30), anchor="end"),
        ]
    listed = ", ".join(f"{name} {value}" for name, value in rows[:5])
    words = f"{title}. {lead} {listed or 'Nothing yet'}, as of {stamp(as_of)}"
    return Drawing(title, words, _frame(words, [], as_of, out))


def short(value: int | None) -> str:
    """A count in at most four characters and a unit."""
    if value is None:
        return "—"
    sign, size = ("−" if value < 0 else ""), abs(value)
    for limit, divisor, unit in ((1000, 1, ""), (999_500, 1e3, "k"), (999.5e6, 1e6, "M")):
        if size < limit:
            text = f"{size / divisor:.1f}" if size / divisor < 99.95 else f"{size / divisor:.0f}"
            return sign + text.removesuffix(".0") + unit
    return f"{sign}{size / 1e9:.1f}B"


def gain(value: int | None) -> str:
    """A change with its sign."""
    if value is None or value < 0:
        return short(value)
    return f"+{short(value)}" if value else "±0"


def stamp(as_of: datetime) -> str:
    """The data's time as the card writes it."""
    return as_of.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _frame(words: str, labels: Sequence[str], as_of: datetime, inner: Sequence[str]) -> str:
    foot = HEIGHT - 42
    tags: list[str] = []
    at = WIDTH - MARGIN
    for label in reversed([label for label in labels if label]):
        room = len(label) * 13 + 30
        at -= room
        colour = RENDER if label == "Render" else SOFT
        tags.append(
            f'<rect x="{at}" y="52" width="{room}" height="38" rx="19" fill="{PANEL}" '
            f'stroke="{LINE}"/>'
            f"{_text(at + room / 2, 78, 22, colour, label, anchor='middle')}"
        )
        at -= 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}">'
        f"<title>{_escaped(words)}</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>'
        f'<rect width="{WIDTH}" height="8" fill="{ACCENT}"/>'
        f'<path d="M{MARGIN} 84l12-12 8 8 16-18" fill="none" stroke="{ACCENT}" stroke-width="5" '
        f'stroke-linecap="round" stroke-linejoin="round"/>'
        f"{_text(MARGIN + 50, 82, 26, INK, 'Trender', bold=True)}{''.join(tags)}{''.join(inner)}"
        f"{_text(MARGIN, foot, 22, SOFT, f'Data of {stamp(as_of)}')}"
        f"{_text(WIDTH - MARGIN, foot, 22, SOFT, SMALL_PRINT, anchor='end')}"
        "</svg>"
    )


def _number(x: int, value: str, label: str) -> str:
    return (
        f'<rect x="{x}" y="428" width="252" height="112" rx="14" fill="{PANEL}"/>'
        f"{_text(x + 22, 486, 46, INK, value, bold=True)}{_text(x + 22, 521, 24, SOFT, label)}"
    )


def _curve(days: Sequence[int | None]) -> str:
    """Stars gained per day behind the numbers; a gap where a day is not known."""
    known = [day for day in days if day is not None]
    if len(known) < 2 or max(known) <= 0:
        return ""
    low, high = min(0, *known), max(known)
    step = ROOM / (len(days) - 1)
    path: list[str] = []
    pen_up = True
    for index, day in enumerate(days):
        if day is None:
            pen_up = True
            continue
        y = 412 - (day - low) / (high - low) * 72
        path.append(f"{'M' if pen_up else 'L'}{MARGIN + index * step:.1f} {y:.1f}")
        pen_up = False
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{ACCENT}" stroke-width="4" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _text(
    x: float,
    y: float,
    size: float,
    colour: str,
    text: str,
    *,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size:.0f}" fill="{colour}"{weight} '
        f'text-anchor="{anchor}">{_escaped(text)}</text>'
    )


def _escaped(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&apos;"})
