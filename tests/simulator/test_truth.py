"""What a naive client counts by paging through the API equals the ground truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .conftest import NOW, Simulator

BATCH = """
query Batch($ids: [ID!]!, $since: GitTimestamp!, $date: DateTime!) {
  rateLimit { cost remaining resetAt nodeCount }
  nodes(ids: $ids) { ... on Repository {
    id databaseId nameWithOwner stargazerCount forkCount isArchived isFork hasIssuesEnabled
    primaryLanguage { name }
    openIssues: issues(states: OPEN) { totalCount }
    openPulls: pullRequests(states: OPEN) { totalCount }
    defaultBranchRef { target { ... on Commit { history(first: 100, since: $since) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { oid committedDate authors(first: 10) { nodes { name email user { login } } } } } } } }
    issues(first: 100, states: CLOSED, filterBy: {since: $date},
           orderBy: {field: UPDATED_AT, direction: DESC}) {
      totalCount pageInfo { hasNextPage endCursor } nodes { number closedAt updatedAt } }
  } } }
"""
MORE_COMMITS = """
query($id: ID!, $since: GitTimestamp!, $after: String) { node(id: $id) { ... on Repository {
  defaultBranchRef { target { ... on Commit { history(first: 100, since: $since, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { oid committedDate authors(first: 10) { nodes { name email user { login } } } } } } } } } } }
"""
MORE_ISSUES = """
query($id: ID!, $date: DateTime!, $after: String) { node(id: $id) { ... on Repository {
  issues(first: 100, after: $after, states: CLOSED, filterBy: {since: $date},
         orderBy: {field: UPDATED_AT, direction: DESC}) {
    pageInfo { hasNextPage endCursor } nodes { number closedAt updatedAt } } } } }
"""
DST = ("2026-03-08", "2026-11-01")


def since_of(as_of: str) -> str:
    moment = datetime.fromisoformat(as_of) - timedelta(days=7)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def all_commits(simulator: Simulator, node: dict[str, Any], since: str) -> list[dict[str, Any]]:
    if node["defaultBranchRef"] is None:
        return []
    page = node["defaultBranchRef"]["target"]["history"]
    rows = list(page["nodes"])
    while page["pageInfo"]["hasNextPage"]:
        more = simulator.data(
            MORE_COMMITS, id=node["id"], since=since, after=page["pageInfo"]["endCursor"]
        )
        page = more["node"]["defaultBranchRef"]["target"]["history"]
        rows += page["nodes"]
    assert len(rows) == page["totalCount"]
    return rows


def all_closed(simulator: Simulator, node: dict[str, Any], since: str) -> list[dict[str, Any]]:
    page = node["issues"]
    rows = list(page["nodes"])
    while page["pageInfo"]["hasNextPage"]:
        more = simulator.data(
            MORE_ISSUES, id=node["id"], date=since, after=page["pageInfo"]["endCursor"]
        )
        page = more["node"]["issues"]
        rows += page["nodes"]
    return rows


def people(commits: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for commit in commits:
        for author in commit["authors"]["nodes"]:
            login = (author["user"] or {}).get("login")
            name = login or (author["email"] or "").lower() or author["name"]
            if not (login or author["name"]).endswith("[bot]"):
                found.add(name)
    return found


@pytest.mark.parametrize("as_of", [NOW, "2026-11-06T09:00:00Z", "2026-12-20T00:00:00Z"])
def test_stars_commits_issues_and_authors_equal_the_truth(simulator: Simulator, as_of: str) -> None:
    """Since means updated, pull requests are no issues, pages go on."""
    simulator.move(as_of)
    truth, since = simulator.truth()["repositories"], since_of(as_of)
    wanted = [row["node_id"] for row in truth.values() if row["state"] == "available"]
    seen: set[str] = set()
    long_commits = long_issues = 0
    for low in range(0, len(wanted), 50):
        data = simulator.data(BATCH, ids=wanted[low : low + 50], since=since, date=since)
        for node in data["nodes"]:
            row = truth[str(node["databaseId"])]
            seen.add(node["id"])
            commits = all_commits(simulator, node, since)
            closed = [i for i in all_closed(simulator, node, since) if i["closedAt"] >= since]
            long_commits += len(commits) > 100
            long_issues += len(closed) > 100
            assert node["nameWithOwner"] == row["name"]
            assert node["stargazerCount"] == row["stars"]
            assert node["forkCount"] == row["forks"]
            assert (node["primaryLanguage"] or {}).get("name") == row["language"]
            assert (node["isFork"], node["isArchived"]) == (row["is_fork"], row["is_archived"])
            assert len(commits) == row["commits_7d"], row
            assert len(people(commits)) == row["active_contributors_7d"], row
            assert node["hasIssuesEnabled"] == (row["issues_closed_7d"] is not None)
            assert len(closed) == (row["issues_closed_7d"] or 0), row
    assert seen == set(wanted)
    assert long_commits and long_issues


def stars_window(weeks: list[dict[str, Any]], as_of: str) -> int:
    """Facts §1.9: the seven complete Los Angeles days before today."""
    moment = datetime.fromisoformat(as_of)
    today = moment.astimezone(ZoneInfo("America/Los_Angeles")).date()
    days = {}
    for week in weeks:
        sunday = datetime.fromtimestamp(week["week"], UTC).date()
        assert sunday.isoweekday() == 7 and len(week["days"]) == 7
        assert week["total"] == sum(week["days"])
        days |= {sunday + timedelta(days=n): gained for n, gained in enumerate(week["days"])}
    assert all(gained == 0 for day, gained in days.items() if day > today)
    return sum(days.get(today - timedelta(days=n), 0) for n in range(1, 8))


@pytest.mark.parametrize(
    "as_of", ["2026-11-01T06:59:00Z", NOW, "2026-11-02T08:00:00Z", "2026-11-08T07:59:00Z"]
)
def test_star_history_equals_the_truth_around_the_end_of_summer_time(
    simulator: Simulator, as_of: str
) -> None:
    """Days are those of Los Angeles, in the week of 2026-11-01 too."""
    simulator.move(as_of)
    _check_histories(simulator, as_of)


def test_star_history_equals_the_truth_around_the_start_of_summer_time(
    launch: Callable[..., Simulator],
) -> None:
    """Days are those of Los Angeles, in the week of 2026-03-08 too."""
    simulator = launch(
        "--clock", "2026-03-08T09:00:00Z", "--start", "2026-03-01", "--no-limits",
        "--repositories-per-language", "10", "--render", "5", "--bulk", "0",
    )  # fmt: skip
    for as_of in ("2026-03-08T09:00:00Z", "2026-03-09T06:59:00Z", "2026-03-15T07:00:00Z"):
        simulator.move(as_of)
        _check_histories(simulator, as_of)


def _check_histories(simulator: Simulator, as_of: str) -> None:
    checked = 0
    for number, row in simulator.truth()["repositories"].items():
        if row["state"] != "available" or "bulk" in row["tags"]:
            continue
        answer = simulator.get(f"/repositories/{number}/stargazers/history")
        assert answer.status_code == 200
        assert stars_window(answer.json(), as_of) == row["stars_gained_7d"], row
        checked += 1
    assert checked > 60


def test_the_whole_history_sums_to_a_little_less_than_the_count(simulator: Simulator) -> None:
    number, row = simulator.by_tag("rising")[0]
    weeks: list[Any] = []
    page = 1
    while batch := simulator.get(
        f"/repositories/{number}/stargazers/history", params={"page": page}
    ).json():
        weeks += batch
        page += 1
    assert 0 <= row["stars"] - sum(week["total"] for week in weeks) <= 2


def test_past_days_shrink_when_stars_are_taken_back(simulator: Simulator) -> None:
    """An un-star lowers the day on which the star was given."""
    number, before = simulator.by_tag("fickle")[0]
    simulator.move("2026-11-20T18:30:00Z")
    after = dict(simulator.by_tag("fickle"))[number]
    common = set(before["daily_gains"]) & set(after["daily_gains"])
    assert all(after["daily_gains"][day] <= before["daily_gains"][day] for day in common)
    assert any(after["daily_gains"][day] < before["daily_gains"][day] for day in common)


def test_rest_and_graphql_agree(simulator: Simulator) -> None:
    since = since_of(NOW)
    rows = [
        (k, r) for k, r in simulator.truth()["repositories"].items()
        if r["state"] == "available" and "bulk" not in r["tags"]
    ]  # fmt: skip
    for number, row in rows[::4]:
        [node] = simulator.data(BATCH, ids=[row["node_id"]], since=since, date=since)["nodes"]
        rest = simulator.get(f"/repositories/{number}").json()
        assert rest["full_name"] == node["nameWithOwner"]
        assert rest["stargazers_count"] == node["stargazerCount"]
        assert simulator.get(f"/repositories/{number}/stargazers/count").json() == {
            "count": row["stars"]
        }
        opened = node["openIssues"]["totalCount"] + node["openPulls"]["totalCount"]
        assert rest["open_issues_count"] == opened
        if not row["is_empty"]:
            commits = simulator.pages(f"/repositories/{number}/commits", since=since)
            assert [c["sha"] for c in commits] == [
                c["oid"] for c in all_commits(simulator, node, since)
            ]
        if row["has_issues"]:
            closed = simulator.pages(
                f"/repositories/{number}/issues", state="closed", since=since, sort="updated"
            )
            assert [i["number"] for i in closed if "pull_request" not in i] == [
                i["number"] for i in all_closed(simulator, node, since)
            ]
