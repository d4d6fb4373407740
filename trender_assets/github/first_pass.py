"""The first pass: one query for everything about many repositories.

Define here what the batch asks for and how its answer is cut up. What is done with a repository's
share belongs to `repositories`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trender_assets.github.batches import Part
from trender_assets.github.client import GraphQLReply
from trender_assets.github.documents import document
from trender_assets.github.metrics import Window


@dataclass(frozen=True)
class Wanted:
    """A repository and how much of it is asked for."""

    node_id: str
    with_metrics: bool = True
    with_files: bool = True


class FirstPass:
    """The lane of repositories; those never read before come with the texts of their files.

    Args:
        window: The window of the metrics.
        with_texts: Whether the files' texts are asked for, or only their object ids.
    """

    def __init__(self, window: Window, *, with_texts: bool) -> None:
        self._window = window
        self._with_texts = with_texts
        self.purpose = "repositories with texts" if with_texts else "repositories"

    def weight(self, items: Sequence[Wanted]) -> int:
        """How many repositories GitHub has to resolve."""
        return len(items)

    def request(self, items: Sequence[Wanted]) -> tuple[str, Mapping[str, Any]]:
        """The query; a reduced repository is always asked for alone."""
        first = items[0]
        return document("repositories"), {
            "ids": [item.node_id for item in items],
            "since": self._window.since,
            "until": self._window.until,
            "updatedSince": self._window.since,
            "withMetrics": first.with_metrics,
            "withFiles": first.with_files,
            "withTexts": first.with_files and self._with_texts,
        }

    def parts(self, reply: GraphQLReply, items: Sequence[Wanted]) -> list[Part]:
        """Each repository's node, with the errors whose path leads into it."""
        nodes = (reply.data or {}).get("nodes")
        problem = reply.problem
        if problem is None and (not isinstance(nodes, list) or len(nodes) != len(items)):
            problem = "malformed: another number of repositories than asked for"
        if problem is not None or not isinstance(nodes, list):
            return [Part(None, (), problem, reply.fetched_at) for _ in items]
        errors: dict[int, list[dict[str, Any]]] = {}
        for error in reply.errors:
            path = error.get("path")
            if isinstance(path, list) and len(path) > 1 and isinstance(path[1], int):
                errors.setdefault(path[1], []).append({**error, "path": path[2:]})
        return [
            Part(node, tuple(errors.get(index, ())), None, reply.fetched_at)
            for index, node in enumerate(nodes)
        ]

    def reduced(self, item: Wanted) -> Wanted | None:
        """Without metrics first, then without files: the repository itself is worth most."""
        if item.with_metrics:
            return replace(item, with_metrics=False)
        return replace(item, with_files=False) if item.with_files else None
