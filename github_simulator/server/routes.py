"""Which path leads to which REST endpoint, and which budget it uses.

Define a route here. Endpoints live in the `rest_*` modules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from github_simulator.rest import accounts as rest_accounts
from github_simulator.rest import activity as rest_activity
from github_simulator.rest import files as rest_files
from github_simulator.rest import repository as rest_repository
from github_simulator.rest import search as rest_search
from github_simulator.rest import stars as rest_stars
from github_simulator.rest.repository import Handler, with_repository
from github_simulator.server.limits import Resource

REPOSITORY = r"(?:/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)|/repositories/(?P<id>\d+))"


@dataclass(frozen=True)
class Route:
    """A path pattern with its handler and budget."""

    pattern: re.Pattern[str]
    handler: Handler
    resource: Resource = "core"
    needs_token: bool = False


def _inside(tail: str, handler: object) -> Route:
    pattern = re.compile(f"^{REPOSITORY}(?P<rest>{tail})$")
    return Route(pattern, with_repository(handler))  # type: ignore[arg-type]


ROUTES: tuple[Route, ...] = (
    Route(re.compile(r"^/search/repositories$"), rest_search.get_repositories, "search"),
    Route(re.compile(r"^/search/code$"), rest_search.get_code, "code_search", needs_token=True),
    Route(
        re.compile(r"^/(?:orgs|users)/(?P<login>[^/]+)/repos$"), rest_repository.list_repositories
    ),
    Route(
        re.compile(r"^/(?:organizations|user)/(?P<number>\d+)/repos$"),
        rest_repository.list_repositories_by_owner_id,
    ),
    Route(re.compile(r"^/user$"), rest_accounts.get_viewer, needs_token=True),
    Route(re.compile(r"^/(?:orgs|users)/(?P<login>[^/]+)$"), rest_accounts.get_account),
    _inside("", rest_repository.get_repository),
    _inside("/commits", rest_activity.get_commits),
    _inside("/issues", rest_activity.get_issues),
    _inside("/contributors", rest_activity.get_contributors),
    _inside("/contents(?:/(?P<path>.*))?", rest_files.get_contents),
    _inside("/readme", rest_files.get_readme),
    _inside("/git/trees/(?P<sha>.+)", rest_files.get_tree),
    _inside("/stargazers/history", rest_stars.get_history),
    _inside("/stargazers/count", rest_stars.get_count),
    _inside("/stargazers", rest_stars.get_stargazers),
)


def match(path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a path with its named parts; a trailing slash matches nothing, as on GitHub."""
    for route in ROUTES:
        hit = route.pattern.match(path)
        if hit is not None:
            parts = {k: v for k, v in hit.groupdict().items() if v is not None}
            return route, parts
    return None
