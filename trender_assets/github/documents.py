"""The GraphQL documents, read from `queries/`.

Define here how a document is put together; its text belongs to the `.graphql` file. Queries
whose shape depends on what was read before are written by `followups`.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"


@functools.cache
def document(name: str) -> str:
    """A query with the fragments it shares with others.

    Args:
        name: The file's name in `queries/` without its suffix.
    """
    text = source(name)
    used = dict.fromkeys(re.findall(r"\.\.\.([A-Z]\w+)", text))
    shared = [fragment(part) for part in used if f"fragment {part} " not in text]
    return "\n".join([text, *shared])


@functools.cache
def source(name: str) -> str:
    """The text of one `.graphql` file."""
    return (QUERIES / f"{name}.graphql").read_text(encoding="utf-8")


@functools.cache
def fragment(name: str) -> str:
    """The text of one shared fragment."""
    for text in source("fragments").split("\n\n"):
        if text.startswith(f"fragment {name} "):
            return text
    raise KeyError(name)
