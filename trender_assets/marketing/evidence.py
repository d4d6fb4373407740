"""A sentence together with what proves it: the query, its values, the time and a link.

Define here what every published sentence must carry and how it is written down. Which sentences
there are belongs to the module of their kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from trender_assets.text import clean_text

Value = int | float | str | None


@dataclass(frozen=True)
class Sentence:
    """One claim.

    Attributes:
        text: The claim in words; holds no markup.
        query: SQL without parameters; its first row is `values` again.
        values: The numbers (and texts) the claim rests on, in the query's order.
        as_of: Time of the data (UTC).
        link: The dashboard's page that shows the same, as a path.
    """

    text: str
    query: str
    values: tuple[Value, ...]
    as_of: datetime
    link: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a jsonb column."""
        return {
            "text": self.text,
            "query": self.query,
            "values": list(self.values),
            "as_of": iso(self.as_of),
            "link": self.link,
        }


def statement(template: str, **values: int | date | datetime) -> str:
    """SQL with numbers and times written into it, so that anybody can run it again.

    Only numbers and times of ours may be written: a text would have to be quoted.

    Raises:
        TypeError: When a value is neither a whole number nor a time.
    """
    written: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, datetime):
            written[name] = f"'{value.astimezone(UTC).isoformat()}'::timestamptz"
        elif isinstance(value, date):
            written[name] = f"'{value.isoformat()}'::date"
        elif isinstance(value, int) and not isinstance(value, bool):
            written[name] = str(value)
        else:
            raise TypeError(f"{name} can't be written into a query: {type(value).__name__}")
    return " ".join(template.format(**written).split())


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def count(value: int | float | None) -> str:
    """A number as prose has it: 12,300; a missing one is "an unknown number of"."""
    if value is None:
        return "an unknown number of"
    return f"{value:,.0f}" if isinstance(value, int) else f"{value:,.1f}"


def several(number: int, one: str, many: str | None = None) -> str:
    """``1 repository``, ``12 repositories``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def plain(text: str | None, limit: int = 200) -> str:
    """A stranger's text on one line, clean and clipped."""
    cleaned = " ".join(clean_text(text or "").split())
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1].rstrip() + "…"


_MARKDOWN = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_[]|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def markdown_text(text: str | None, limit: int = 200) -> str:
    """A stranger's text that stays text in Markdown and in the HTML made of it."""
    escaped = plain(text, limit).translate(_MARKDOWN)
    # GitHub's flavour makes a link of a bare address.
    return escaped.replace("://", "\\://").replace("www.", "www\\.").replace("@", "\\@")


def footnotes(sentences: Iterable[Sentence]) -> str:
    """The sentences' evidence as a Markdown list, in their order."""
    lines = []
    for number, sentence in enumerate(sentences, start=1):
        lines.append(f"[^{number}]: {iso(sentence.as_of)}, {sentence.link} — `{sentence.query}`")
    return "\n".join(lines)
