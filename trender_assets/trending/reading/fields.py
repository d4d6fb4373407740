"""What is asked after the first pass: further pages, changed files, by field and repository.

Define here how fields of many repositories become one query. What the fields are belongs to
`activity` and `files`; sending and halving to `batches`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trender_assets.github.allowance import FOLLOW_UPS
from trender_assets.github.batches import Part
from trender_assets.github.documents import query

if TYPE_CHECKING:
    from trender_assets.github.replies import GraphQLReply


@dataclass(frozen=True)
class Field:
    """One field of one repository.

    Attributes:
        node_id: The repository.
        template: GraphQL text with ``{alias}`` and one ``{name}`` per variable.
        variables: Values by name.
        types: GraphQL types by name.
        fragment: The shared fragment it uses.
    """

    node_id: str
    template: str
    variables: Mapping[str, str]
    types: Mapping[str, str]
    fragment: str


Ask = Callable[[Field], Awaitable[Part]]


def commit_page(node_id: str, since: str, until: str, after: str) -> Field:
    """A further page of the default branch's commits."""
    return Field(
        node_id,
        "{alias}: defaultBranchRef {{ target {{ ... on Commit {{ history("
        "first: 100, since: ${since}, until: ${until}, after: ${after}"
        ") {{ ...CommitPage }} }} }} }}",
        {"since": since, "until": until, "after": after},
        {"since": "GitTimestamp!", "until": "GitTimestamp!", "after": "String!"},
        "CommitPage",
    )


def commit_slice(node_id: str, since: str, until: str) -> Field:
    """The newest commits of a part of the window."""
    return Field(
        node_id,
        "{alias}: defaultBranchRef {{ target {{ ... on Commit {{ history("
        "first: 100, since: ${since}, until: ${until}"
        ") {{ ...CommitPage }} }} }} }}",
        {"since": since, "until": until},
        {"since": "GitTimestamp!", "until": "GitTimestamp!"},
        "CommitPage",
    )


def issue_page(node_id: str, since: str, after: str) -> Field:
    """A further page of closed issues that were updated in the window."""
    return Field(
        node_id,
        "{alias}: issues(first: 100, after: ${after}, states: CLOSED, "
        "filterBy: {{since: ${since}}}, orderBy: {{field: UPDATED_AT, direction: DESC}}"
        ") {{ ...IssuePage }}",
        {"since": since, "after": after},
        {"since": "DateTime!", "after": "String!"},
        "IssuePage",
    )


def issue_slice(node_id: str, since: str, after: str | None) -> Field:
    """Closed issues from an update on, oldest update first."""
    variables = {"since": since} | ({"after": after} if after else {})
    types = {"since": "DateTime!"} | ({"after": "String!"} if after else {})
    position = ", after: ${after}" if after else ""
    return Field(
        node_id,
        f"{{alias}}: issues(first: 100{position}, states: CLOSED, "
        "filterBy: {{since: ${since}}}, orderBy: {{field: UPDATED_AT, direction: ASC}}"
        ") {{ ...IssuePage }}",
        variables,
        types,
        "IssuePage",
    )


def file_at(node_id: str, path: str) -> Field:
    """A file's text by its path in the default branch."""
    return Field(
        node_id,
        "{alias}: object(expression: ${path}) {{ ...FileText }}",
        {"path": f"HEAD:{path}"},
        {"path": "String!"},
        "FileText",
    )


def folder_at(node_id: str, path: str) -> Field:
    """What kind of thing each entry of a folder is; the root has an empty path."""
    return Field(
        node_id,
        "{alias}: object(expression: ${path}) {{ ...Folder }}",
        {"path": f"HEAD:{path}"},
        {"path": "String!"},
        "Folder",
    )


def blob(node_id: str, oid: str) -> Field:
    """A file's text by its object id."""
    return Field(
        node_id,
        "{alias}: object(oid: ${oid}) {{ ...FileText }}",
        {"oid": oid},
        {"oid": "GitObjectID!"},
        "FileText",
    )


class FollowUps:
    """The lane whose items are single fields; fields of one repository share its node."""

    purpose = FOLLOW_UPS

    def weight(self, items: Sequence[Field]) -> int:
        """How many repositories GitHub has to resolve."""
        return len({item.node_id for item in items})

    def request(self, items: Sequence[Field]) -> tuple[str, Mapping[str, Any]]:
        """One query: a node per repository, an alias per field, every value a variable."""
        variables: dict[str, Any] = {}
        types: dict[str, str] = {}
        nodes: dict[str, list[str]] = {}
        for index, item in enumerate(items):
            names = {name: f"{name}{index}" for name in item.variables}
            for name, own in names.items():
                variables[own] = item.variables[name]
                types[own] = item.types[name]
            text = item.template.format(alias=f"f{index}", **names)
            nodes.setdefault(item.node_id, []).append(text)
        selections = []
        for number, (node_id, fields) in enumerate(nodes.items()):
            variables[f"id{number}"] = node_id
            types[f"id{number}"] = "ID!"
            text = " ".join(fields)
            selections.append(
                f"r{number}: node(id: $id{number}) {{ ... on Repository {{ {text} }} }}"
            )
        used = {item.fragment for item in items}
        return query("FollowUps", types, selections, used), variables

    def parts(self, reply: GraphQLReply, items: Sequence[Field]) -> list[Part]:
        """The answer of each field, with the errors that lie in it or on its repository."""
        if reply.data is None:
            problem = reply.problem or "no data"
            return [Part(None, (), problem, reply.fetched_at) for _ in items]
        numbers = {
            node: number for number, node in enumerate(dict.fromkeys(i.node_id for i in items))
        }
        parts = []
        for index, item in enumerate(items):
            node_alias, alias = f"r{numbers[item.node_id]}", f"f{index}"
            errors = tuple(
                error for error in reply.errors if _begins(error.get("path"), node_alias, alias)
            )
            node = reply.data.get(node_alias)
            data = node.get(alias) if isinstance(node, dict) else None
            problem = None if isinstance(node, dict) else "the repository did not answer"
            parts.append(Part(data, errors, problem, reply.fetched_at))
        return parts

    def reduced(self, item: Field) -> Field | None:
        """A single field can't be made smaller."""
        return None


def _begins(path: Any, node_alias: str, alias: str) -> bool:
    if not isinstance(path, list) or not path or path[0] != node_alias:
        return False
    return len(path) == 1 or path[1] == alias
