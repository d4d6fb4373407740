"""Repositories over REST: finding one by name or id, and its JSON.

Define the repository object here. Lists inside a repository belong to `rest.activity`,
`rest.files` and `rest.stars`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from github_simulator.graphql.repository import issues_at
from github_simulator.rest.paging import paged
from github_simulator.server.replies import Reply, blocked, moved, not_found
from github_simulator.server.requests import Call
from github_simulator.world.calendars import iso
from github_simulator.world.model import Owner, Repository
from github_simulator.world.names import LICENSE_NAMES
from github_simulator.world.truth import is_archived

Handler = Callable[[Call], Reply]


def found(call: Call) -> Repository | Reply:
    """The repository of a request, or the redirect, block or 404 that it gets instead."""
    if "id" in call.parts:
        repository = call.world.by_id.get(int(call.parts["id"]))
        is_present = True
    else:
        hit = call.world.find(f"{call.parts['owner']}/{call.parts['repo']}", call.now)
        repository, is_present = hit if hit is not None else (None, True)
    if repository is None:
        return not_found()
    state = repository.availability_at(call.now)
    if state == "gone":
        return not_found()
    if state == "blocked" and repository.blocked is not None:
        return blocked(repository.blocked[1], iso(repository.blocked[0]))
    if not is_present:
        return moved(f"{call.base}/repositories/{repository.id}{call.parts.get('rest', '')}")
    return repository


def with_repository(handler: Callable[[Call, Repository], Reply]) -> Handler:
    """Turn a handler of (call, repository) into one of calls."""

    def handle(call: Call) -> Reply:
        repository = found(call)
        return repository if isinstance(repository, Reply) else handler(call, repository)

    return handle


def owner_json(base: str, owner: Owner) -> dict[str, Any]:
    """The owner object."""
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": owner.node_id,
        "url": f"{base}/users/{owner.login}",
        "html_url": f"https://github.com/{owner.login}",
        "type": owner.kind,
        "site_admin": False,
    }


def minimal_json(call: Call, repository: Repository) -> dict[str, Any]:
    """The repository inside a code search item: no stars, dates or language."""
    naming = repository.naming_at(call.now)
    return {
        "id": repository.id,
        "node_id": repository.node_id,
        "name": naming.name,
        "full_name": naming.full_name,
        "private": False,
        "owner": owner_json(call.base, naming.owner),
        "html_url": f"https://github.com/{naming.full_name}",
        "description": repository.description,
        "fork": repository.parent_id is not None,
        "url": f"{call.base}/repos/{naming.full_name}",
    }


def repository_json(call: Call, repository: Repository) -> dict[str, Any]:
    """The repository object of lists and searches."""
    world, now = call.world, call.now
    stars, forks = world.star_count(repository, now), world.fork_count(repository, now)
    spdx = repository.license
    open_count = sum(
        len(issues_at(world, repository, now, pulls=pulls, states=["OPEN"]))
        for pulls in (False, True)
        if pulls or repository.has_issues
    )
    body = minimal_json(call, repository) | {
        "created_at": iso(repository.created_at),
        "updated_at": iso(world.updated_at(repository, now)),
        "pushed_at": iso(world.pushed_at(repository, now)),
        "homepage": repository.homepage,
        "size": repository.size,
        "stargazers_count": stars,
        "watchers_count": stars,
        "watchers": stars,
        "language": repository.language,
        "has_issues": repository.has_issues,
        "forks_count": forks,
        "forks": forks,
        "archived": is_archived(repository, now),
        "disabled": repository.is_disabled,
        "is_template": repository.is_template,
        "mirror_url": "https://git.example/m.git" if repository.is_mirror else None,
        "open_issues_count": open_count,
        "open_issues": open_count,
        "license": {
            "key": "other" if spdx == "NOASSERTION" else spdx.lower(),
            "name": LICENSE_NAMES.get(spdx, spdx),
            "spdx_id": spdx,
            "url": None,
        }
        if spdx
        else None,
        "topics": list(repository.topics),
        "visibility": "public",
        "default_branch": repository.branch,
        "score": 1.0,
    }
    if call.version == "2022-11-28":
        body["has_downloads"] = True
    return body


def get_repository(call: Call, repository: Repository) -> Reply:
    """`GET /repos/{owner}/{repo}` and `/repositories/{id}`."""
    body = repository_json(call, repository)
    body["subscribers_count"] = repository.watchers
    body["network_count"] = body["forks_count"]
    parent = call.world.by_id.get(repository.parent_id or -1)
    if parent is not None and parent.availability_at(call.now) == "available":
        body["parent"] = body["source"] = repository_json(call, parent)
    return Reply(200, body)


def list_repositories(call: Call) -> Reply:
    """`GET /orgs/{org}/repos` and `/users/{user}/repos`: forks and archived ones included."""
    login = call.parts["login"].lower()
    owner = call.world.owners.get(login)
    if owner is None or ("/orgs/" in call.path and owner.kind != "Organization"):
        return not_found()
    world, now = call.world, call.now
    mine = [r for r in world.existing(now) if r.naming_at(now).owner.login.lower() == login]
    key, reverse = _order(call)
    mine.sort(key=key, reverse=reverse)
    segment = "organizations" if owner.kind == "Organization" else "user"
    return paged(call, mine, lambda r: repository_json(call, r), f"/{segment}/{owner.id}/repos")


def _order(call: Call) -> tuple[Callable[[Repository], Any], bool]:
    world, now = call.world, call.now
    sort = call.query.get("sort", "created" if "/orgs/" in call.path else "full_name")
    keys: dict[str, Callable[[Repository], Any]] = {
        "created": lambda r: (r.created_at, r.id),
        "pushed": lambda r: (world.pushed_at(r, now), r.id),
        "updated": lambda r: (world.updated_at(r, now), r.id),
        "full_name": lambda r: r.naming_at(now).full_name.lower(),
    }
    default = "asc" if sort == "full_name" else "desc"
    return keys.get(sort, keys["created"]), call.query.get("direction", default) == "desc"


def list_repositories_by_owner_id(call: Call) -> Reply:
    """The form that Link headers use: `/organizations/{id}/repos`, `/user/{id}/repos`."""
    for owner in call.world.owners.values():
        if str(owner.id) == call.parts["number"]:
            call.parts["login"] = owner.login
            return list_repositories(call)
    return not_found()
