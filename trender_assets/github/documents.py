"""The GraphQL text, read from `queries/`.

Define here how fragments are found and put together; their text belongs to the `.graphql` files.
The queries around them, which depend on what is asked, are written by `first_pass` and
`fields`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"
# Asked for in every query, so that the true cost is always known.
RATE_LIMIT = "rateLimit { cost remaining resetAt nodeCount }"

_FRAGMENT = re.compile(r"^fragment (\w+) on .*?^}", re.M | re.S)
_SPREAD = re.compile(r"\.\.\.([A-Z]\w+)")


@functools.cache
def fragments() -> dict[str, str]:
    """Every fragment's text by name."""
    return {
        found.group(1): found.group()
        for path in sorted(QUERIES.glob("*.graphql"))
        for found in _FRAGMENT.finditer(path.read_text(encoding="utf-8"))
    }


@functools.cache
def with_fragments(names: tuple[str, ...]) -> str:
    """The text of some fragments and of all that they use; GraphQL refuses unused ones."""
    wanted: dict[str, None] = {}
    waiting: list[str] = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted[name] = None
            waiting += _SPREAD.findall(fragments()[name])
    return "\n".join(fragments()[name] for name in wanted)


def query(
    name: str,
    types: dict[str, str],
    selections: Iterable[str],
    used: Iterable[str],
    own_fragment: str = "",
) -> str:
    """A query with its variables, selections and fragments.

    Args:
        name: The operation's name.
        types: GraphQL types of the variables by name.
        selections: What is asked, beside `RATE_LIMIT`.
        used: Names of the fragments that the selections use.
        own_fragment: The text of a further one that they use.
    """
    declared = ", ".join(f"${variable}: {kind}" for variable, kind in types.items())
    body = "\n  ".join([RATE_LIMIT, *selections])
    shared = with_fragments(tuple(sorted({*used, *_SPREAD.findall(own_fragment)})))
    return f"query {name}({declared}) {{\n  {body}\n}}\n{shared}\n{own_fragment}"
