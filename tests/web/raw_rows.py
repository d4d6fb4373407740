"""What GitHub said of the world's repositories, written as the pipeline's assets land it.

Define the shape of a raw row here. Which repositories there are belongs to `repositories`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.web.repositories import AS_OF, Repo

ABSENT = {"status": "absent", "reason": "no render.yaml in the root", "services": [],
          "service_count": 0, "service_types": {}, "databases": [], "database_count": 0,
          "path": None, "blob_sha": None}  # fmt: skip
NO_DEPLOYMENT = {
    "has_deploy_button": False, "deploy_button_url": None, "readme_mentions_render": False,
    "dockerfile_render_hints": [],
    "platforms": {"render": False, "vercel": False, "railway": False, "fly": False},
    "documentation_score": 0.4, "documentation_evidence": {},
}  # fmt: skip


def land(connection: psycopg.Connection, repos: Sequence[Repo], runs: Sequence[datetime]) -> None:
    """Write the raw rows of these runs, oldest first, as the pipeline's assets would."""
    for as_of in runs:
        run_id = f"run-{as_of:%Y%m%d%H}"
        for repo in repos:
            name = repo.full_name
            if repo.renamed_at and as_of < repo.renamed_at:
                name = repo.old_name or name
            _land_one(connection, repo, name, as_of, run_id)
    connection.commit()


def _land_one(
    connection: psycopg.Connection, repo: Repo, name: str, as_of: datetime, run_id: str
) -> None:
    if repo.gone_since and as_of >= repo.gone_since:
        _log(connection, run_id, "repos", repo, name, "absent", None, as_of, "not_found")
        return
    back = (AS_OF - as_of).days
    stars = max(1, repo.stars - back * repo.daily)
    raw = connection.execute(
        "insert into raw.raw_github_repos (source, source_type, source_language, repo_id, node_id, repo_full_name,"
        " api_response, payload_sha256, fetch_timestamp, run_id) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s) returning id",
        [repo.source, "trending" if repo.source in ("python", "typescript", "go") else "render_ecosystem",
         repo.language, repo.repo_id, f"R_{repo.repo_id}", name, Jsonb(_payload(repo, name, stars, as_of)),
         f"{repo.repo_id}-{as_of}", as_of, run_id],
    ).fetchone()  # fmt: skip
    assert raw is not None
    _log(connection, run_id, "repos", repo, name, "found", raw[0], as_of)
    _activity(connection, repo, name, as_of, run_id)
    if back in (0, 1) and repo.repo_id % 11:
        weeks = _weeks(repo, as_of)
        row = connection.execute(
            "insert into raw.raw_star_history (source, repo_id, repo_full_name, weeks, payload_sha256, fetch_timestamp,"
            " run_id) values (%s,%s,%s,%s,%s,%s,%s) returning id",
            [
                repo.source,
                repo.repo_id,
                name,
                Jsonb(weeks),
                f"s{repo.repo_id}-{as_of}",
                as_of,
                run_id,
            ],
        ).fetchone()
        assert row is not None
        _log(connection, run_id, "stars", repo, name, "found", row[0], as_of)
    elif not repo.repo_id % 11:
        _log(
            connection,
            run_id,
            "stars",
            repo,
            name,
            "unknown",
            None,
            as_of,
            "HTTP 403 for this repository",
        )
    _releases(connection, repo, name, as_of, run_id)
    _files(connection, repo, name, as_of, run_id)


def _releases(
    connection: psycopg.Connection, repo: Repo, name: str, as_of: datetime, run_id: str
) -> None:
    start = as_of - timedelta(days=90)
    listed = [
        {"tagName": tag, "name": title, "publishedAt": f"{AS_OF - timedelta(days=back):%Y-%m-%dT%H:%M:%SZ}",
         "isPrerelease": "rc" in tag, "url": f"https://github.com/{name}/releases/tag/{tag}"}
        for tag, title, back in repo.releases if start <= AS_OF - timedelta(days=back) <= as_of
    ]  # fmt: skip
    row = connection.execute(
        "insert into raw.raw_releases (source, repo_id, repo_full_name, releases, window_start, window_end, is_truncated,"
        " payload_sha256, fetch_timestamp, run_id) values (%s,%s,%s,%s,%s,%s,false,%s,%s,%s) returning id",
        [repo.source, repo.repo_id, name, Jsonb(listed), start, as_of, f"r{repo.repo_id}-{as_of}", as_of, run_id],
    ).fetchone()  # fmt: skip
    assert row is not None
    _log(connection, run_id, "releases", repo, name, "found", row[0], as_of)


def _activity(
    connection: psycopg.Connection, repo: Repo, name: str, as_of: datetime, run_id: str
) -> None:
    if repo.commits is None:
        for stream in ("commits", "issues", "contributors"):
            _log(
                connection,
                run_id,
                stream,
                repo,
                name,
                "unknown",
                None,
                as_of,
                "timed out three times",
            )
        return
    people = max(1, repo.commits // 6)
    nodes = [{"oid": f"{n:040x}", "committedDate": (as_of - timedelta(hours=n)).isoformat(),
              "authors": [{"login": f"dev{n % people}", "databaseId": n % people, "name": "D", "email": None}]}
             for n in range(min(repo.commits, 60))]  # fmt: skip
    closed = [{"number": n, "createdAt": as_of.isoformat(), "updatedAt": as_of.isoformat(),
               "closedAt": (as_of - timedelta(hours=n)).isoformat(), "stateReason": "COMPLETED"}
              for n in range(repo.commits // 4)]  # fmt: skip
    for stream, data in (
        ("commits", {"branch": "main", "totalCount": repo.commits, "nodes": [
            {"oid": node["oid"], "committedDate": node["committedDate"]} for node in nodes]}),
        ("issues", {"hasIssuesEnabled": True, "nodes": closed}),
        ("contributors", {"nodes": nodes}),
    ):  # fmt: skip
        row = connection.execute(
            "insert into raw.raw_repo_metrics (source, repo_id, repo_full_name, metric_type, metric_data, window_start,"
            " window_end, payload_sha256, fetch_timestamp, run_id) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s) returning id",
            [repo.source, repo.repo_id, name, stream, Jsonb(data), as_of - timedelta(days=7), as_of,
             f"{stream}{repo.repo_id}-{as_of}", as_of, run_id],
        ).fetchone()  # fmt: skip
        assert row is not None
        _log(connection, run_id, stream, repo, name, "found", row[0], as_of)


def _files(
    connection: psycopg.Connection, repo: Repo, name: str, as_of: datetime, run_id: str
) -> None:
    row = connection.execute(
        "insert into raw.raw_repo_files (source, repo_id, repo_full_name, files, payload_sha256, fetch_timestamp, run_id)"
        " values (%s,%s,%s,%s,%s,%s,%s) returning id",
        [repo.source, repo.repo_id, name, Jsonb(_file_set(repo)), f"f{repo.repo_id}-{as_of}", as_of, run_id],
    ).fetchone()  # fmt: skip
    assert row is not None
    _log(connection, run_id, "files", repo, name, "found", row[0], as_of)
    deployment = {**NO_DEPLOYMENT, **repo.deployment}
    deployment["platforms"] = {**NO_DEPLOYMENT["platforms"], "render": repo.blueprint is not None}
    connection.execute(
        "insert into staging.repo_file_findings (raw_file_id, repo_id, detector_version, blueprint, nextjs, deployment,"
        " fetch_timestamp) values (%s,%s,1,%s,%s,%s,%s)",
        [row[0], repo.repo_id, Jsonb(repo.blueprint or ABSENT),
         Jsonb({"verdict": repo.nextjs, "reason": "next is ^16.0.0" if repo.nextjs == "yes" else "", "evidence": []}),
         Jsonb(deployment), as_of],
    )  # fmt: skip


def _file_set(repo: Repo) -> dict[str, Any]:
    found = {
        "status": "found",
        "oid": "a" * 40,
        "byteSize": 100,
        "text": "services: []",
        "reason": None,
    }
    absent = {"status": "absent", "oid": None, "byteSize": None, "text": None, "reason": None}
    return {
        "render.yaml": found if repo.blueprint else absent,
        "README.md": {**found, "text": f"# {repo.full_name}\n<script>alert(2)</script>"},
    }


def _payload(repo: Repo, name: str, stars: int, as_of: datetime) -> dict[str, Any]:
    owner = name.split("/")[0]
    moment = as_of.isoformat().replace("+00:00", "Z")
    return {
        "id": f"R_{repo.repo_id}", "databaseId": repo.repo_id, "nameWithOwner": name,
        "url": f"https://github.com/{name}", "description": repo.description,
        "homepageUrl": repo.homepage, "createdAt": repo.created.isoformat().replace("+00:00", "Z"),
        "updatedAt": moment, "pushedAt": moment, "archivedAt": None, "isArchived": repo.archived,
        "isDisabled": False, "isEmpty": False, "isFork": False, "isMirror": False, "isPrivate": False,
        "isTemplate": False, "isLocked": False, "visibility": "PUBLIC", "hasIssuesEnabled": True,
        "stargazerCount": stars, "forkCount": stars // 9, "diskUsage": 1000,
        "primaryLanguage": {"name": repo.language} if repo.language else None,
        "licenseInfo": {"spdxId": "MIT", "key": "mit", "name": "MIT License"},
        "owner": {"__typename": "Organization", "login": owner, "databaseId": 1}, "parent": None,
        "watchers": {"totalCount": stars // 50}, "openIssues": {"totalCount": 12},
        "closedIssues": {"totalCount": 90}, "openPRs": {"totalCount": 3}, "mergedPRs": {"totalCount": 40},
        "releases": {"totalCount": 1, "nodes": [{"tagName": "v1.0.0", "publishedAt": moment, "isPrerelease": False}]},
        "repositoryTopics": {"totalCount": len(repo.topics),
                             "nodes": [{"topic": {"name": topic}} for topic in repo.topics]},
        "languages": {"totalSize": 100, "edges": []},
        "defaultBranchRef": {"name": "main", "target": {"oid": "a" * 40, "committedDate": moment}},
    }  # fmt: skip


def _weeks(repo: Repo, as_of: datetime) -> list[dict[str, Any]]:
    chance = random.Random(repo.repo_id)
    sunday = (as_of - timedelta(days=(as_of.weekday() + 1) % 7)).replace(hour=0, minute=0)
    weeks = []
    for back in range(30):
        start = sunday - timedelta(weeks=back)
        days = []
        for day in range(7):
            moment = start + timedelta(days=day)
            known = repo.created - timedelta(days=1) <= moment <= as_of
            wave = repo.daily * (1 - back / 40) * chance.uniform(0.4, 1.6)
            days.append(max(0, round(wave)) if known else 0)
        weeks.append({"week": int(start.timestamp()), "total": sum(days), "days": days})
    return weeks


def _log(
    connection: psycopg.Connection, run_id: str, stream: str, repo: Repo, name: str, outcome: str,
    raw_id: int | None, as_of: datetime, reason: str | None = None,
) -> None:  # fmt: skip
    connection.execute(
        "insert into raw.fetch_log (run_id, stream, source, repo_id, repo_full_name, outcome, reason, raw_id, discovered_by,"
        " as_of, fetched_at, loaded_at) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
        [run_id, stream, repo.source, repo.repo_id, name, outcome, reason, raw_id, ["established"], as_of,
         as_of, as_of],
    )  # fmt: skip
