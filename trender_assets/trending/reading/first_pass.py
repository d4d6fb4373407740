"""The first pass: one query for everything about many repositories.

Define here what the batch asks for and how its answer is cut up; a further listing of a repository
is entered in `READERS`. What is done with a repository's share belongs to `repositories`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trender_assets.github.batches import Part
from trender_assets.github.documents import query
from trender_assets.trending.reading.activity import CLOSED_ISSUES, COMMITS
from trender_assets.trending.reading.reading import Window
from trender_assets.trending.reading.releases import RELEASES

if TYPE_CHECKING:
    from trender_assets.github.replies import GraphQLReply

READERS = (COMMITS, CLOSED_ISSUES, RELEASES)
FRAGMENT = f"fragment Listings on Repository {{ {' '.join(r.selection for r in READERS)} }}"
TYPES = {
    "since": "GitTimestamp!",
    "until": "GitTimestamp!",
    "updatedSince": "DateTime!",
    "withListings": "Boolean!",
    "withFiles": "Boolean!",
    "withTexts": "Boolean!",
}
# Where the answers for `Wanted.paths` are put, by path.
PATHS = "paths"


@dataclass(frozen=True)
class Wanted:
    """A repository and how much of it is asked for.

    Attributes:
        node_id: Its id.
        with_listings: Whether what is listed of it is wanted.
        with_files: Whether files are wanted.
        paths: Further paths of the default branch whose object ids are wanted.
    """

    node_id: str
    with_listings: bool = True
    with_files: bool = True
    paths: tuple[str, ...] = ()


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
        """One node per repository; a reduced repository is always asked for alone."""
        first = items[0]
        variables: dict[str, Any] = {
            "since": self._window.since,
            "until": self._window.until,
            "updatedSince": self._window.since,
            "withListings": first.with_listings,
            "withFiles": first.with_files,
            "withTexts": first.with_files and self._with_texts,
        }
        types = dict(TYPES)
        selections = []
        used = {"Reading"}
        for number, item in enumerate(items):
            variables[f"id{number}"] = item.node_id
            types[f"id{number}"] = "ID!"
            further = []
            for place, path in enumerate(item.paths if item.with_files else ()):
                name = f"path{number}_{place}"
                variables[name] = f"HEAD:{path}"
                types[name] = "String!"
                further.append(f" p{place}: object(expression: ${name}) {{ ...FileId }}")
                used.add("FileId")
            selections.append(
                f"r{number}: node(id: $id{number}) {{ __typename ...Reading "
                "...Listings @include(if: $withListings)"
                + (f" ... on Repository {{{''.join(further)} }}" if further else "")
                + " }"
            )
        return query("Repositories", types, selections, used, FRAGMENT), variables

    def parts(self, reply: GraphQLReply, items: Sequence[Wanted]) -> list[Part]:
        """Each repository's node, with the errors whose path leads into it."""
        if reply.data is None:
            return [Part(None, (), reply.problem or "no data", reply.fetched_at) for _ in items]
        errors: dict[Any, list[dict[str, Any]]] = {}
        for error in reply.errors:
            path = error.get("path")
            if isinstance(path, list) and path:
                errors.setdefault(path[0], []).append({**error, "path": path[1:]})
        parts = []
        for number, item in enumerate(items):
            alias = f"r{number}"
            problem = None if alias in reply.data else "malformed: a repository is missing"
            node = reply.data.get(alias)
            if isinstance(node, dict) and item.with_files:
                node[PATHS] = {
                    path: node.pop(f"p{place}", None) for place, path in enumerate(item.paths)
                }
            parts.append(Part(node, tuple(errors.get(alias, ())), problem, reply.fetched_at))
        return parts

    def reduced(self, item: Wanted) -> Wanted | None:
        """Without listings first, then without files: the repository itself is worth most."""
        if item.with_listings:
            return replace(item, with_listings=False)
        return replace(item, with_files=False) if item.with_files else None
