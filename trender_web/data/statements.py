"""The SQL of `queries/`, by name.

Define here how a query's text is found. What it asks belongs to its file, when it is asked to the
module of the page that shows it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, LiteralString, cast

QUERIES = Path(__file__).parents[1] / "queries"
Row = dict[str, Any]


@cache
def query(name: str) -> LiteralString:
    """The text of ``queries/{name}.sql``; values are always bound, never written into it."""
    return cast(LiteralString, (QUERIES / f"{name}.sql").read_text(encoding="utf-8"))
