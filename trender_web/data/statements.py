"""The SQL of the pages, by name.

Define here how a query's text is found. What it asks belongs to its file, when it is asked to the
module of the page that shows it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, LiteralString, cast

# A page's queries lie beside it, those of several pages here in `data`; each name stands for one.
QUERIES = {path.stem: path for path in sorted(Path(__file__).parents[1].rglob("*.sql"))}
Row = dict[str, Any]


@cache
def query(name: str) -> LiteralString:
    """The text of the file ``{name}.sql``; values are always bound, never written into it."""
    return cast(LiteralString, QUERIES[name].read_text(encoding="utf-8"))
