"""How wide a text is in the cards' typeface, and which characters it can show.

Define here what is measured and replaced so that no card shows an empty box or a text that runs
out of its frame. The drawing itself belongs to `cards`.
"""

from __future__ import annotations

import re
import unicodedata

from trender_assets.text import clean_text

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
# Advance widths of Liberation Sans (metric-compatible with Arial), in thousandths of the size.
_WIDTHS = {
    character: units
    for units, characters in (
        (222, "ijl'|"), (278, " !,./:;I[]\\ft"), (333, "r()-`{}"), (400, '*^"'),
        (500, "ckszvxyJ"), (584, "+<=>~"), (667, "ABEKPSVXY&"), (722, "CDHNRUw"), (611, "FTZ"),
        (778, "GOQ"), (833, "mM"), (889, "%"), (944, "W"), (1015, "@"),
    )
    for character in characters
}  # fmt: skip
_DEFAULT = 556
_BOLD = 1.08
_SHORTCODE = re.compile(r":[a-z0-9_+-]{2,30}:")


def is_covered(character: str) -> bool:
    """Whether the typeface has it: Latin, Greek, Cyrillic and common punctuation."""
    code = ord(character)
    return 0x20 <= code < 0x250 or 0x370 <= code < 0x530 or character in "–—‘’“”•…€™←↑→↓−≈≠≤≥×"


def card_text(text: str | None, limit: int) -> str:
    """A stranger's text in characters that a card can show, on one line.

    Emoji and other symbols are dropped. A text that is mostly of another script becomes empty:
    half a sentence would say something its author did not.
    """
    cleaned = _SHORTCODE.sub(" ", clean_text(text or ""))
    letters = [character for character in cleaned if character.isalpha()]
    shown = "".join(
        character if is_covered(character) else " " if character.isspace() else ""
        for character in cleaned
        if not unicodedata.combining(character)
    )
    lost = sum(not is_covered(letter) for letter in letters)
    if letters and lost * 5 > len(letters):
        return ""
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels a text takes."""
    units = sum(_WIDTHS.get(character, _DEFAULT) for character in text)
    return units / 1000 * size * (_BOLD if bold else 1)


def fitting_size(text: str, room: float, largest: int, smallest: int, *, bold: bool = False) -> int:
    """The largest size at which a text fits, not below the smallest."""
    for size in range(largest, smallest, -2):
        if width(text, size, bold=bold) <= room:
            return size
    return smallest


def clipped(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """A text that fits its room, with "…" where it was cut."""
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(text + "…", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, room: float, size: float, lines: int) -> list[str]:
    """A text in at most so many lines; the last one is clipped."""
    out: list[str] = []
    words = text.split()
    while words and len(out) < lines:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", size) <= room:
            line += " " + words.pop(0)
        if words and len(out) == lines - 1:
            line = " ".join([line, *words])
        out.append(clipped(line, room, size))
    return out
