"""The GraphQL documents, read from `queries/`.

Define here how a document is put together; its text belongs to the `.graphql` file. Queries
whose shape depends on what was read before are written by `followups`.
"""

from __future__ import annotations

import functools
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"


@functools.cache
def document(name: str) -> str:
    """A query with the fragments it shares with others.

    Args:
        name: The file's name in `queries/` without its suffix.
    """
    return f"{source(name)}\n{source('fragments')}"


@functools.cache
def source(name: str) -> str:
    """The text of one `.graphql` file."""
    return (QUERIES / f"{name}.graphql").read_text(encoding="utf-8")


@functools.cache
def fragment(name: str) -> str:
    """The text of one shared fragment."""
    for text in source("fragments").split("\nfragment "):
        body = text if text.startswith("fragment ") else f"fragment {text}"
        if body.startswith(f"fragment {name} "):
            return body
    raise KeyError(name)
