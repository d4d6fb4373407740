"""Connections of the GraphQL API: cursors, pages and the limits on `first` and `last`.

Define what every connection shares here. What a connection lists belongs to its own module.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

from github_simulator.world.chance import draw

T = TypeVar("T")
LARGEST_PAGE = 100


def typed_error(message: str, kind: str) -> GraphQLError:
    """An error with GitHub's top-level ``type``."""
    return GraphQLError(message, extensions={"type": kind})


def cursor_of(offset: int) -> str:
    """The opaque cursor of the element at an offset."""
    return base64.b64encode(f"cursor:v2:{offset}:{draw(offset, 5) & 0xFFFF}".encode()).decode()


def offset_of(cursor: str) -> int:
    """The offset in a cursor.

    Raises:
        GraphQLError: It is no cursor of ours.
    """
    try:
        return int(base64.b64decode(cursor).decode().split(":")[2])
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise typed_error(
            f"`{cursor}` does not appear to be a valid cursor.", "INVALID_CURSOR_ARGUMENTS"
        ) from error


def wants_items(info: GraphQLResolveInfo) -> bool:
    """Whether `nodes` or `edges` of a connection are selected (fragments count as yes)."""
    for node in info.field_nodes:
        for selection in node.selection_set.selections if node.selection_set else ():
            name = getattr(selection, "name", None)
            if name is None or name.value in ("nodes", "edges") or selection.kind != "field":
                return True
    return False


def connection(
    items: Sequence[T],
    info: GraphQLResolveInfo,
    node: Callable[[T], Any],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    total: int | None = None,
) -> dict[str, Any]:
    """A page of a list.

    Raises:
        GraphQLError: Neither `first` nor `last` is given though items are asked, or it is > 100.
    """
    count = len(items) if total is None else total
    if not wants_items(info):
        return {"totalCount": count, "pageInfo": _page_info(0, 0, len(items)), "nodes": []}
    size = first if first is not None else last
    if size is None:
        raise typed_error(
            "You must provide a `first` or `last` value to properly paginate the "
            f"`{info.field_name}` connection.",
            "MISSING_PAGINATION_BOUNDARIES",
        )
    if size > LARGEST_PAGE or size < 0:
        bound = "first" if first is not None else "last"
        raise typed_error(
            f"Requesting {size} records on the `{info.field_name}` connection exceeds the "
            f"`{bound}` limit of {LARGEST_PAGE} records.",
            "EXCESSIVE_PAGINATION",
        )
    low = offset_of(after) + 1 if after else 0
    high = min(len(items), offset_of(before)) if before else len(items)
    if first is not None:
        high = min(high, low + first)
    else:
        low = max(low, high - (last or 0))
    return {
        "totalCount": count,
        "pageInfo": _page_info(low, high, len(items)),
        "nodes": [node(item) for item in items[low:high]],
    }


def _page_info(low: int, high: int, length: int) -> dict[str, Any]:
    return {
        "hasNextPage": high < length,
        "hasPreviousPage": low > 0,
        "_low": low if high > low else None,
        "_high": high - 1 if high > low else None,
    }


def resolve_start_cursor(source: dict[str, Any], info: GraphQLResolveInfo) -> str | None:
    """`PageInfo.startCursor`, made only when asked for."""
    return cursor_of(source["_low"]) if source["_low"] is not None else None


def resolve_end_cursor(source: dict[str, Any], info: GraphQLResolveInfo) -> str | None:
    """`PageInfo.endCursor`, made only when asked for."""
    return cursor_of(source["_high"]) if source["_high"] is not None else None
