"""Commits, issues and contributors over REST.

Define a list of what happened in a repository here. GraphQL shows the same from `graphql.git`
and `graphql.repository`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from github_simulator.rest.paging import paged
from github_simulator.server.replies import Reply, failure
from github_simulator.server.requests import Call
from github_simulator.world.calendars import iso, parse_iso
from github_simulator.world.commits import Commit
from github_simulator.world.issues import Issue
from github_simulator.world.model import Repository
from github_simulator.world.people import Person

TOO_LARGE = (
    "The history or contributor list is too large to list contributors for this repository via "
    "the API."
)


def _instant(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    return parse_iso(text) if text else None


def get_commits(call: Call, repository: Repository) -> Reply:
    """`GET …/commits`, newest first; `since` and `until` are on the committer date."""
    if repository.is_empty:
        return failure(409, "Git Repository is empty.")
    try:
        since, until = _instant(call, "since"), _instant(call, "until")
    except ValueError:
        return failure(422, "Validation Failed", errors=[{"field": "since", "code": "invalid"}])
    end = min(until if until is not None else call.now, call.now)
    commits = call.world.commits(repository).between(since, end)
    commits.reverse()
    wanted = call.query.get("author")
    if wanted:
        commits = [c for c in commits if wanted in (c.authors[0].login, c.authors[0].email)]
    full_name = repository.naming_at(call.now).full_name
    return paged(
        call,
        commits,
        lambda commit: _commit(call, full_name, commit),
        f"/repositories/{repository.id}/commits",
    )


def _account(person: Person) -> dict[str, Any] | None:
    if person.is_bot:
        return {"login": person.name, "id": 49699333, "type": "Bot"}
    if person.login is None:
        return None
    return {"login": person.login, "id": person.id, "type": "User"}


def _commit(call: Call, full_name: str, commit: Commit) -> dict[str, Any]:
    author = commit.authors[0]
    trailers = [f"Co-authored-by: {p.name} <{p.email or ''}>" for p in commit.authors[1:]]
    message = "\n".join([commit.subject, "", *trailers]) if trailers else commit.subject
    return {
        "sha": commit.oid,
        "url": f"{call.base}/repos/{full_name}/commits/{commit.oid}",
        "commit": {
            "author": {"name": author.name, "email": author.email, "date": iso(commit.authored)},
            "committer": {
                "name": author.name,
                "email": author.email,
                "date": iso(commit.committed),
            },
            "message": message,
        },
        "author": _account(author),
        "committer": _account(author),
        "parents": [{"sha": "0" * 40}] * commit.parents,
    }


def get_issues(call: Call, repository: Repository) -> Reply:
    """`GET …/issues`: pull requests among them; `since` means updated since."""
    if not repository.has_issues:
        return failure(410, "Issues are disabled for this repo")
    try:
        since = _instant(call, "since")
    except ValueError:
        return failure(422, "Validation Failed", errors=[{"field": "since", "code": "invalid"}])
    state = call.query.get("state", "open")
    rows: list[tuple[Issue, int | None, int]] = []
    for issue in call.world.issues(repository).until(call.now):
        closed, updated = issue.closed_at(call.now), issue.updated_at(call.now)
        is_wanted = state == "all" or (closed is not None) == (state == "closed")
        if is_wanted and (since is None or updated >= since):
            rows.append((issue, closed, updated))
    by_update = call.query.get("sort", "created") == "updated"
    rows.sort(
        key=lambda row: (row[2] if by_update else row[0].created, row[0].number),
        reverse=call.query.get("direction", "desc") == "desc",
    )
    full_name = repository.naming_at(call.now).full_name
    return paged(
        call,
        rows,
        lambda row: _issue(call, full_name, *row),
        f"/repositories/{repository.id}/issues",
    )


def _issue(
    call: Call, full_name: str, issue: Issue, closed: int | None, updated: int
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "number": issue.number,
        "title": f"Item {issue.number}",
        "url": f"{call.base}/repos/{full_name}/issues/{issue.number}",
        "state": "open" if closed is None else "closed",
        "state_reason": issue.reason.lower() if closed is not None else None,
        "created_at": iso(issue.created),
        "updated_at": iso(updated),
        "closed_at": iso(closed) if closed is not None else None,
        "user": {"login": issue.author, "type": "User"},
    }
    if issue.is_pull:
        url = f"{call.base}/repos/{full_name}/pulls/{issue.number}"
        merged = iso(closed) if issue.is_merged and closed is not None else None
        body["pull_request"] = {"url": url, "merged_at": merged}
    return body


def get_contributors(call: Call, repository: Repository) -> Reply:
    """`GET …/contributors`: of all time; 204 when empty, 403 when too large."""
    if repository.is_empty:
        return Reply(204, None, cacheable=False)
    if repository.too_many_contributors:
        return failure(403, TOO_LARGE)
    counts = Counter(
        commit.authors[0] for commit in call.world.commits(repository).between(None, call.now)
    )
    people = [p for p, _ in counts.most_common() if _account(p) or call.query.get("anon") == "1"]
    return paged(
        call,
        people,
        lambda person: _contributor(person, counts[person]),
        f"/repositories/{repository.id}/contributors",
    )


def _contributor(person: Person, number: int) -> dict[str, Any]:
    account = _account(person)
    if account is None:
        account = {"name": person.name, "email": person.email, "type": "Anonymous"}
    return {**account, "contributions": number}
