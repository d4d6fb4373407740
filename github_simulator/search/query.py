"""Repository and code search queries: text to qualifiers and terms.

Define a qualifier's grammar here. Which repositories match belongs to `search.index`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from github_simulator.world.calendars import DAY, parse_iso

TOKEN = re.compile(r'(-?)([A-Za-z][\w-]*):("[^"]*"|\S+)|(-?)"([^"]*)"|(\S+)')
DATED = {"created", "pushed", "closed", "updated"}
NUMBERED = {"stars", "forks", "size", "followers", "topics"}
KNOWN = DATED | NUMBERED | {
    "language", "topic", "org", "user", "repo", "in", "archived", "fork", "license", "is",
    "mirror", "template", "sort", "filename", "path", "extension", "type", "state", "reason",
}  # fmt: skip
LONGEST = 256
MOST_OPERATORS = 5
WIDE = 1 << 62


class BadQueryError(ValueError):
    """The query is one that GitHub refuses."""


@dataclass(frozen=True)
class Qualifier:
    """``name:value``, maybe negated; `low` and `high` are inclusive bounds of a range."""

    name: str
    value: str
    negated: bool = False
    low: int = -WIDE
    high: int = WIDE


@dataclass
class Query:
    """A parsed query."""

    terms: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    qualifiers: list[Qualifier] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """The values of a qualifier, negated ones left out."""
        return [q.value for q in self.qualifiers if q.name == name and not q.negated]


def parse(text: str) -> Query:
    """Parse a query.

    Raises:
        BadQueryError: It is empty, too long, has too many operators or a malformed range.
    """
    query = Query()
    operators = 0
    for match in TOKEN.finditer(text):
        minus, name, value, phrase_minus, phrase, word = match.groups()
        if name and name.lower() in KNOWN:
            query.qualifiers.append(_qualifier(name.lower(), value.strip('"'), bool(minus)))
        elif phrase is not None:
            (query.excluded if phrase_minus else query.terms).append(phrase.lower())
        elif word in ("AND", "OR", "NOT"):
            operators += 1
        elif word or name:
            term = word or match.group(0)
            query.terms.append(term.lower())
    if not query.terms and not query.qualifiers:
        raise BadQueryError("The search query is empty.")
    if sum(map(len, query.terms)) > LONGEST:
        raise BadQueryError("The search is longer than 256 characters.")
    if operators > MOST_OPERATORS:
        raise BadQueryError("More than five AND / OR / NOT operators were used.")
    return query


def _qualifier(name: str, value: str, negated: bool) -> Qualifier:
    if name in NUMBERED:
        low, high = _range(value, int, 1)
        return Qualifier(name, value, negated, low, high)
    if name in DATED:
        low, high = _range(value, parse_iso, None)
        return Qualifier(name, value, negated, low, high)
    return Qualifier(name, value, negated)


def _range(value: str, read, step: int | None) -> tuple[int, int]:
    """Inclusive bounds of ``n``, ``>n``, ``>=n``, ``<n``, ``<=n``, ``a..b``, ``*..b``, ``a..*``.

    A bare date means the whole UTC day.
    """

    def one(text: str) -> tuple[int, int]:
        number = read(text)
        if step is None and len(text) == 10:
            return number, number + DAY - 1
        return number, number

    try:
        if ".." in value:
            left, right = value.split("..", 1)
            return (
                -WIDE if left == "*" else one(left)[0],
                WIDE if right == "*" else one(right)[1],
            )
        for sign in (">=", "<=", ">", "<"):
            if value.startswith(sign):
                first, last = one(value[len(sign) :])
                return {
                    ">=": (first, WIDE),
                    "<=": (-WIDE, last),
                    ">": (last + 1, WIDE),
                    "<": (-WIDE, first - 1),
                }[sign]
        return one(value)
    except (ValueError, OverflowError) as error:
        raise BadQueryError(f"{value!r} is not a recognized range.") from error
