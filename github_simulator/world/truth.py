"""The ground truth of the world at an instant, for tests that must not trust the API.

Define a figure here when it follows from the world's construction alone. Nothing of the API
modules is imported, so a wrong answer of theirs shows as a difference.
"""

from __future__ import annotations

from typing import Any

from github_simulator.world.calendars import (
    DAY,
    day_text,
    iso,
    los_angeles_day,
    los_angeles_midnight,
)
from github_simulator.world.model import Repository
from github_simulator.world.world import World

WINDOW = 7 * DAY
ESTABLISHED = 30 * DAY
YOUNG = 90 * DAY
TOPICS = ("render", "render-deploy", "render-blueprints")
ORGANISATIONS = ("render-examples", "render-oss", "renderinc")


def ground_truth(world: World, as_of: int) -> dict[str, Any]:
    """Everything a pipeline may be asked about, per repository by numeric id.

    Args:
        world: The world.
        as_of: Epoch seconds. Star gains cover the seven complete Los Angeles days before it,
            commits, issues and contributors the instants in [as_of - 7 days, as_of].
    """
    return {
        "as_of": iso(as_of),
        "start": iso(world.plan.start),
        "seed": world.plan.seed,
        "employees": list(world.employees),
        "repositories": {
            str(repository.id): repository_truth(world, repository, as_of)
            for repository in world.repositories
            if repository.created_at <= as_of
        },
    }


def repository_truth(world: World, repository: Repository, as_of: int) -> dict[str, Any]:
    """The truth about one repository."""
    naming = repository.naming_at(as_of)
    state = repository.availability_at(as_of)
    stars = world.stars(repository)
    today = los_angeles_day(as_of)
    daily = {
        day_text(day): stars.visible(day, as_of)
        for day in range(max(today - 35, stars.first_day), today)
    }
    gained = sum(stars.visible(day, as_of) for day in range(today - 7, today))
    fact = _latest(repository.blueprint, as_of)
    _, verdict, reason = [row for row in repository.nextjs if row[0] <= as_of][-1]
    return {
        "node_id": repository.node_id,
        "name": naming.full_name,
        "names": [n.full_name for n in repository.names if n.since <= as_of],
        "owner": naming.owner.login,
        "language": repository.language,
        "state": state,
        "block_reason": repository.blocked[1]
        if state == "blocked" and repository.blocked
        else None,
        "created_at": iso(repository.created_at),
        "stars": world.star_count(repository, as_of),
        "forks": world.fork_count(repository, as_of),
        "stars_gained_7d": gained,
        "daily_gains": daily,
        "star_window": [day_text(today - 7), day_text(today - 1)],
        **activity(world, repository, as_of),
        "is_fork": repository.parent_id is not None,
        "is_archived": is_archived(repository, as_of),
        "is_empty": repository.is_empty,
        "is_template": repository.is_template,
        "is_disabled": repository.is_disabled,
        "nextjs": verdict,
        "nextjs_reason": reason,
        "blueprint": fact,
        "deploy_button": repository.deploy_button,
        "mentions_render": repository.mentions_render,
        "topics": list(repository.topics),
        "sources": sources(world, repository, as_of),
        "tags": list(repository.tags),
        "next_los_angeles_midnight": iso(los_angeles_midnight(today + 1)),
    }


def activity(world: World, repository: Repository, as_of: int) -> dict[str, Any]:
    """Commits, closed issues and active contributors of the seven days before an instant."""
    since = as_of - WINDOW
    commits = world.commits(repository).between(since, as_of)
    people = {
        author.identity for commit in commits for author in commit.authors if not author.is_bot
    }
    closed = 0
    for issue in world.issues(repository).until(as_of):
        instant = issue.closed_at(as_of)
        if not issue.is_pull and instant is not None and instant >= since:
            closed += 1
    return {
        "commits_7d": len(commits),
        "active_contributors_7d": len(people),
        "issues_closed_7d": closed if repository.has_issues else None,
        "has_issues": repository.has_issues,
    }


def is_archived(repository: Repository, as_of: int) -> bool:
    """Whether the repository is archived at an instant."""
    return repository.archived_at is not None and repository.archived_at <= as_of


def sources(world: World, repository: Repository, as_of: int) -> list[str]:
    """The sources that can find a repository, before any limit on their number of results."""
    if repository.availability_at(as_of) != "available":
        return []
    found: list[str] = []
    stars = world.star_count(repository, as_of)
    pushed = world.pushed_at(repository, as_of)
    is_fork = repository.parent_id is not None
    if repository.language in world.plan.languages and not is_fork:
        fresh = pushed >= as_of - ESTABLISHED
        young = repository.created_at >= as_of - YOUNG and stars >= 20
        if fresh or young:
            found.append(repository.language.lower())
    owner = repository.naming_at(as_of).owner.login
    if owner in ORGANISATIONS:
        found.append(owner)
    if not is_fork:
        found += [f"topic-{topic}" for topic in TOPICS if topic in repository.topics]
        if repository.mentions_render:
            found.append("readme-mention")
        if repository.file_at("render.yaml", as_of) is not None:
            found.append("blueprint-file")
    if owner in world.employees:
        found.append("employees")
    return found


def _latest(history: list[tuple[int, dict[str, Any]]], as_of: int) -> dict[str, Any]:
    return [fact for since, fact in history if since <= as_of][-1]
