"""An `ask` for follow-up queries that answers from a script and keeps what it was asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.github.fakes import NOW
from trender_assets.github.batches import Part
from trender_assets.trending.reading.fields import (
    Field,
)
from trender_assets.trending.reading.reading import Window

AS_OF = datetime.fromtimestamp(NOW, UTC)
WINDOW = Window.before(AS_OF)


def answering(*data: Any):
    """An `ask` that answers in turn and keeps what it was asked."""
    waiting, asked = list(data), []

    async def ask(field: Field) -> Part:
        asked.append(field)
        current = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return current if isinstance(current, Part) else Part(current, (), None, AS_OF)

    ask.asked = asked  # type: ignore[attr-defined]
    return ask


async def nobody(field: Field) -> Part:
    raise AssertionError(f"nobody should ask for {field}")


def failed(reason: str) -> Part:
    return Part(None, (), reason, AS_OF)


def page(nodes: list[dict[str, Any]], cursor: str | None, total: int) -> dict[str, Any]:
    """A page of a connection."""
    return {
        "totalCount": total,
        "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
        "nodes": nodes,
    }
