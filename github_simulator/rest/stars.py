"""Stars over REST: the daily history, the count, and the closed list of stargazers.

Define a star endpoint here. How stars come and go belongs to `world.stars`.
"""

from __future__ import annotations

from github_simulator.rest.paging import link_header
from github_simulator.server.replies import Reply, failure
from github_simulator.server.requests import Call
from github_simulator.world.calendars import los_angeles_day, sunday_of, utc_midnight
from github_simulator.world.model import Repository

LARGEST_PAGE = 30


def get_history(call: Call, repository: Repository) -> Reply:
    """`GET …/stargazers/history`: weeks newest first, days Sunday first, zeros filled in.

    Days are those of America/Los_Angeles though a week's stamp is Sunday 00:00 UTC.
    """
    size = _strict(call, "per_page", LARGEST_PAGE)
    page = _strict(call, "page", 1)
    if size is None or page is None or not 1 <= size <= LARGEST_PAGE or page < 1:
        return failure(422, "Validation Failed", errors=[{"field": "per_page", "code": "invalid"}])
    stars = call.world.stars(repository)
    newest = sunday_of(los_angeles_day(call.now))
    oldest = sunday_of(stars.first_day)
    total = (newest - oldest) // 7 + 1
    body: list[dict[str, object]] = []
    for index in range((page - 1) * size, min(page * size, total)):
        sunday = newest - 7 * index
        days = [stars.visible(sunday + offset, call.now) for offset in range(7)]
        body.append({"week": utc_midnight(sunday), "total": sum(days), "days": days})
    path = f"/repositories/{repository.id}/stargazers/history"
    return Reply(200, body, link_header(call, path, page, -(-total // size)))


def _strict(call: Call, name: str, default: int) -> int | None:
    try:
        return int(call.query.get(name, default))
    except ValueError:
        return None


def get_count(call: Call, repository: Repository) -> Reply:
    """`GET …/stargazers/count`."""
    return Reply(200, {"count": call.world.star_count(repository, call.now)})


def get_stargazers(call: Call, repository: Repository) -> Reply:
    """`GET …/stargazers`: since 2026 only for administrators and collaborators."""
    return failure(403, "Resource not accessible by this token")
