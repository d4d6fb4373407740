"""A small world for the dashboard's tests: raw rows as the pipeline lands them, then the real dbt.

The rows go through every model of `trender_dbt`; no analytics table is written by hand.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

PROJECT = Path(__file__).resolve().parents[2] / "trender_dbt"
AS_OF = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTILE_TEXTS = (
    '<script>alert("x")</script>',
    "</script><img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} #{7*7}",
    '=HYPERLINK("http://evil.example","x")',
    "\u202egnp.exe\u202c and \u2066isolated\u2069",
    "zalgo Z\u0351\u0352\u0353\u0354\u0355\u0356\u0357\u0358 text",
    "'; drop table raw.fetch_log; --",
    "日本語 العربية 🚀 :rocket:",
    '" onmouseover=alert(1) x="',
    "]]></desc><script/>",
)
HOSTILE_LINKS = (
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
    " java\tscript:alert(1)", "//evil.example", "http://user@evil.example/", "https://ex.example/\"><script>",
    "https://bücher.example/",
)  # fmt: skip


@dataclass(frozen=True)
class Repo:
    """One repository of the world."""

    repo_id: int
    full_name: str
    source: str
    language: str | None
    stars: int
    daily: int
    description: str | None = "Does one thing well"
    homepage: str | None = None
    topics: tuple[str, ...] = ()
    created: datetime = AS_OF - timedelta(days=400)
    blueprint: dict[str, Any] | None = None
    nextjs: str = "unknown"
    gone_since: datetime | None = None
    old_name: str | None = None
    renamed_at: datetime | None = None
    commits: int | None = 20
    archived: bool = False
    deployment: dict[str, Any] = field(default_factory=dict)


def blueprint(*services: tuple[str, str], databases: int = 0) -> dict[str, Any]:
    """A valid Blueprint finding with services of (name, type); each links to the next."""
    shown = [
        {
            "name": name, "type": kind, "runtime": "python", "plan": "starter", "region": "oregon",
            "schedule": "0 * * * *" if kind == "cron" else None, "build_command": True,
            "start_command": True,
            "links": [services[index + 1][0]] if index + 1 < len(services) else (["db-1"] if databases else []),
        }
        for index, (name, kind) in enumerate(services)
    ]  # fmt: skip
    types: dict[str, int] = {}
    for _, kind in services:
        types[kind] = types.get(kind, 0) + 1
    return {
        "status": "valid", "reason": None, "path": "render.yaml", "blob_sha": "a" * 40,
        "services": shown, "service_count": len(shown), "service_types": types,
        "databases": [{"name": f"db-{n + 1}", "plan": "basic"} for n in range(databases)],
        "database_count": databases, "env_groups": 0, "projects": 0, "previews": False,
        "complexity_score": min(10, len(shown) + databases), "complexity_evidence": {},
        "quality_score": 0.75, "quality_evidence": {},
    }  # fmt: skip


ABSENT = {"status": "absent", "reason": "no render.yaml in the root", "services": [],
          "service_count": 0, "service_types": {}, "databases": [], "database_count": 0,
          "path": None, "blob_sha": None}  # fmt: skip
NO_DEPLOYMENT = {
    "has_deploy_button": False, "deploy_button_url": None, "readme_mentions_render": False,
    "dockerfile_render_hints": [],
    "platforms": {"render": False, "vercel": False, "railway": False, "fly": False},
    "documentation_score": 0.4, "documentation_evidence": {},
}  # fmt: skip


def small_world(per_language: int = 24) -> list[Repo]:
    """Three languages, Render projects of every category, hostile texts, a rename, a gone one."""
    chance = random.Random(7)
    words = [
        "swift",
        "quiet",
        "amber",
        "lunar",
        "cedar",
        "rapid",
        "prism",
        "delta",
        "north",
        "ember",
        "flint",
        "harbor",
    ]
    nouns = [
        "queue",
        "router",
        "parser",
        "vault",
        "index",
        "canvas",
        "ledger",
        "agent",
        "kernel",
        "pilot",
        "forge",
        "relay",
    ]
    texts = ("Fast, typed task queue with retries and a web console",
             "A tiny HTTP router that stays out of your way",
             "Local-first search over your own documents, with citations",
             "Streaming parser for logs that never fit into memory",
             "Agents that read your repository before they touch it",
             "Schema-first database toolkit with migrations you can review")  # fmt: skip
    repos: list[Repo] = []
    number = 1000
    for source, language in (("python", "Python"), ("typescript", "TypeScript"), ("go", "Go")):
        for index in range(per_language):
            number += 1
            name = f"{chance.choice(words)}-{chance.choice(nouns)}-{index}"
            owner = f"{chance.choice(words)}{chance.choice(('labs', 'hq', 'dev', ''))}"
            stars = int(10 ** chance.uniform(2, 5))
            repos.append(
                Repo(
                    number,
                    f"{owner}/{name}",
                    source,
                    language,
                    stars,
                    max(0, int(stars * chance.uniform(0, 0.012))),
                    description=chance.choice(texts),
                    topics=("cli", "api")[: index % 3],
                    homepage="https://example.com/docs" if index % 4 == 0 else None,
                    created=AS_OF - timedelta(days=chance.choice((3, 40, 150, 300, 900))),
                    blueprint=blueprint(("web", "web"), ("jobs", "worker"), databases=1)
                    if index % 6 == 0
                    else None,
                    nextjs=("yes", "possible", "no", "yes", "unknown")[index % 5]
                    if source == "typescript"
                    else "unknown",
                    commits=None if index == 5 else chance.randint(0, 90),
                )
            )
    for index, text in enumerate(HOSTILE_TEXTS):
        repos.append(
            Repo(2000 + index, f"hostile/h{index}", "python", "C#" if index % 2 else None, 500 + index, 3,
                 description=text, homepage=HOSTILE_LINKS[index % len(HOSTILE_LINKS)],
                 topics=(text[:40],),
                 blueprint=blueprint((text[:60], "web"), ("cron", "cron"), ("odd", "unknown:<b>x</b>"))
                 if index < 4 else None)
        )  # fmt: skip
    repos += [
        Repo(3001, "render-examples/flask-starter", "render-examples", "Python", 240, 1,
             blueprint=blueprint(("web", "web"), databases=1),
             deployment={"has_deploy_button": True, "deploy_button_url": "https://render.com/deploy"}),
        Repo(3002, "someone/blueprint", "topic-render", "Go", 900, 4,
             blueprint=blueprint(("api", "web"), ("worker", "worker"), ("cache", "keyvalue"), databases=1),
             deployment={"has_deploy_button": True, "deploy_button_url": "https://render.com/deploy"}),
        Repo(3003, "someone/community", "readme-mention", "Ruby", 120, 1,
             deployment={"readme_mentions_render": True}),
        Repo(3004, "someone/unclear", "topic-render", "JavaScript", 15, 0),
        Repo(3005, "gone/away", "python", "Python", 700, 2, gone_since=AS_OF - timedelta(days=3)),
        Repo(3006, "new-owner/renamed", "go", "Go", 800, 5, old_name="old-owner/before",
             renamed_at=AS_OF - timedelta(days=5)),
        Repo(3007, "archived/thing", "go", "Go", 4000, 1, archived=True),
        Repo(3008, "names/package.json", "python", "Python", 300, 2),
    ]  # fmt: skip
    return repos


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
    _files(connection, repo, name, as_of, run_id)


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


def record_run(
    connection: psycopg.Connection,
    as_of: datetime,
    status: str = "success",
    error: str | None = None,
) -> None:
    """One row of fact_workflow_executions."""
    connection.execute(
        "insert into analytics.fact_workflow_executions (run_id, job_name, status, trigger, as_of, execution_date, finished_at,"
        " total_duration_seconds, repos_processed, tasks_executed, tasks_succeeded, tasks_failed, tasks_retried,"
        " parallel_speedup_factor, sequential_seconds, languages_processed, streams_processed, streams_failed, rows_raw,"
        " rows_staging, rows_facts, api_requests, api_points, steps, api_report, error_details, success_rate) values"
        " (%s,'hourly',%s,'schedule',%s,%s,%s,8.4,96,12,11,1,1,2.7,22.7,%s,%s,'{}',400,96,96,210,180,%s,%s,%s,%s)",
        [f"run-{as_of:%Y%m%d%H}", status, as_of, as_of, as_of + timedelta(seconds=9), ["python", "typescript", "go"],
         ["repos", "stars"], Jsonb([{"name": "raw_github_repos", "status": "success", "started_at": as_of.timestamp(),
                                     "seconds": 4.2, "attempts": 1, "streams": {"python": 2.0, "go": 1.7}},
                                    {"name": "analytics", "status": status, "started_at": as_of.timestamp() + 4.3,
                                     "seconds": 3.1, "attempts": 2, "streams": {}}]),
         Jsonb({"requests": 210, "remaining": 4790}), Jsonb({"message": error}) if error else None,
         11 / 12 if status == "success" else 0.4],
    )  # fmt: skip
    connection.commit()


def run_dbt(url: str, target: Path) -> None:
    """Build every model of the real project into this database."""
    from dbt.cli.main import dbtRunner

    facts = psycopg.conninfo.conninfo_to_dict(url)
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
    }
    wanted = {variable: str(facts.get(key) or "") for key, variable in names.items()}
    before = {variable: os.environ.get(variable) for variable in wanted}
    os.environ.update(wanted)
    try:
        outcome = dbtRunner().invoke(
            ["--quiet", "build", "--exclude-resource-type", "test",
             "--exclude-resource-type", "unit_test", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
             "--target-path", str(target), "--log-path", str(target)]
        )  # fmt: skip
    finally:
        for variable, value in before.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value
    if not outcome.success:
        details = [
            str(getattr(item, "message", "")) for item in getattr(outcome.result, "results", [])
        ]
        raise AssertionError(f"dbt failed: {outcome.exception} {json.dumps(details)[:2000]}")


def fill(url: str, target: Path, repos: Sequence[Repo] | None = None, days: int = 30) -> None:
    """Land `days` daily runs, record the newest ones and build the models."""
    runs = [AS_OF - timedelta(days=back) for back in range(days, -1, -1)]
    with psycopg.connect(url) as connection:
        land(connection, repos or small_world(), runs)
        for back in range(5, -1, -1):
            record_run(connection, AS_OF - timedelta(hours=back))
    run_dbt(url, target)


@contextmanager
def world_database(server: str, template: str, name: str, days: int) -> Iterator[str]:
    """A database of this name, filled and built; dropped at the end."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database {name} template "{template}"')
    url = server.replace("/trender?", f"/{name}?")
    with tempfile.TemporaryDirectory(prefix="trender-dbt-") as target:
        fill(url, Path(target), days=days)
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
