"""The entry points of the GraphQL API: rateLimit, node, nodes, repository, search, viewer.

Define a root field here. What a Repository shows belongs to `graphql.repository`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from github_simulator.graphql.paging import connection, typed_error
from github_simulator.graphql.repository import Fields, issue_fields, repository_fields
from github_simulator.search.index import search_issues, search_repositories
from github_simulator.search.query import BadQueryError, parse
from github_simulator.world.model import Repository, decoded
from github_simulator.world.world import World

MOST_NODES = 100
SEARCH_WINDOW = 1000


@dataclass
class Context:
    """What one operation knows.

    Attributes:
        now: The world's instant.
        rate: The answer to `rateLimit`.
        login: The user of the token.
        repositories: Repositories resolved so far; the latency models count them.
        is_over_limit: Whether a scripted fault makes a repository exceed its resource limits.
    """

    world: World
    now: int
    rate: Fields
    login: str = "viewer"
    is_dry: bool = False
    repositories: int = 0
    is_over_limit: Callable[[Repository, str], bool] = lambda repository, name: False
    views: dict[int, Fields] = field(default_factory=dict)

    def show(self, repository: Repository) -> Fields | GraphQLError:
        """The Repository object, or the error that stands in its place."""
        self.repositories += 1
        name = repository.naming_at(self.now).full_name
        if self.is_over_limit(repository, name):
            return typed_error(
                "Resource limits for this query exceeded.", "RESOURCE_LIMITS_EXCEEDED"
            )
        state = repository.availability_at(self.now)
        if state == "blocked":
            return typed_error("Repository access blocked", "FORBIDDEN")
        if state == "gone":
            return _unknown_node(repository.node_id)
        found = self.views.get(repository.id)
        if found is None:
            found = self.views[repository.id] = repository_fields(self.world, repository, self.now)
        return found


def _unknown_node(node_id: str) -> GraphQLError:
    return typed_error(
        f"Could not resolve to a node with the global id of '{node_id}'", "NOT_FOUND"
    )


def _by_node_id(context: Context, node_id: str) -> Fields | GraphQLError:
    number = decoded(node_id)
    repository = context.world.by_id.get(number) if number is not None else None
    return context.show(repository) if repository is not None else _unknown_node(node_id)


def resolve_rate_limit(root: Any, info: GraphQLResolveInfo, dryRun: bool = False) -> Fields:
    """`rateLimit`."""
    return info.context.rate


def resolve_node(root: Any, info: GraphQLResolveInfo, id: str) -> Fields | GraphQLError | None:
    """`node(id:)`."""
    return None if info.context.is_dry else _by_node_id(info.context, id)


def resolve_nodes(
    root: Any, info: GraphQLResolveInfo, ids: list[str]
) -> list[Fields | GraphQLError | None]:
    """`nodes(ids:)`: order kept, null and an error for what is missing."""
    if len(ids) > MOST_NODES:
        raise typed_error(
            f"You may not provide more than {MOST_NODES} node ids; you provided {len(ids)}.",
            "ARGUMENT_LIMIT",
        )
    if info.context.is_dry:
        return [None] * len(ids)
    return [_by_node_id(info.context, node_id) for node_id in ids]


def resolve_repository(
    root: Any,
    info: GraphQLResolveInfo,
    owner: str,
    name: str,
    followRenames: bool = True,
) -> Fields | GraphQLError | None:
    """`repository(owner:, name:)`; old names are followed silently."""
    context: Context = info.context
    if context.is_dry:
        return None
    found = context.world.find(f"{owner}/{name}", context.now)
    if found is None or (not found[1] and not followRenames):
        return typed_error(
            f"Could not resolve to a Repository with the name '{owner}/{name}'.", "NOT_FOUND"
        )
    return context.show(found[0])


def resolve_parent(source: Fields, info: GraphQLResolveInfo) -> Fields | None:
    """`Repository.parent`: null when there is none or it cannot be seen."""
    parent = info.context.world.by_id.get(source["_"].parent_id or -1)
    if parent is None or parent.availability_at(source["_now"]) != "available":
        return None
    return repository_fields(info.context.world, parent, source["_now"])


def resolve_item_repository(source: Fields, info: GraphQLResolveInfo) -> Fields:
    """`Issue.repository` and `PullRequest.repository`."""
    return repository_fields(source["_world"], source["_repository"], source["_now"])


def resolve_viewer(root: Any, info: GraphQLResolveInfo) -> Fields:
    """`viewer`."""
    login = info.context.login
    return {
        "__typename": "User",
        "id": f"U_{login}",
        "databaseId": 1,
        "login": login,
        "name": login,
        "url": f"https://github.com/{login}",
    }


def resolve_search(
    root: Any, info: GraphQLResolveInfo, query: str, type: str, **page: Any
) -> Fields:
    """`search`: at most 1,000 results in all pages, counts without that cap."""
    context: Context = info.context
    world, now = context.world, context.now
    repositories: list[Repository] = []
    issues: list[Any] = []
    try:
        if not context.is_dry:
            if type == "REPOSITORY":
                repositories = search_repositories(world, parse(query), now)
            elif type.startswith("ISSUE"):
                issues = search_issues(world, parse(query), now)
    except BadQueryError as error:
        raise typed_error(str(error), "INVALID_SEARCH_QUERY") from error
    items: list[Any] = (repositories or issues)[:SEARCH_WINDOW]

    def node(item: Any) -> Any:
        if isinstance(item, Repository):
            return context.show(item)
        return issue_fields(world, item[0], item[1], now)

    found = connection(items, info, node, **page)
    counts = dict.fromkeys(("codeCount", "discussionCount", "userCount"), 0)
    return {
        **found,
        **counts,
        "repositoryCount": len(repositories),
        "issueCount": len(issues),
    }
