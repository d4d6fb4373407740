"""A small hand for the dbt tests: raw rows in, dbt built in this process, rows out.

Define here what a test needs to say what GitHub said and to read what the models made of it.
What the models should have made of it belongs to the tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from trender_assets.warehouse.connect import connect, postgres_environment
from trender_assets.warehouse.load import land
from trender_assets.warehouse.rows import Attempt, QuarantineRow, SourceBatch, seal

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = CHECKOUT / "trender_dbt"
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
LANGUAGES = {"python": "Python", "typescript": "TypeScript", "go": "Go"}
TABLES = {
    "staging.stg_repos_validated": "repo_id",
    "staging.stg_render_enrichment": "repo_id",
    "staging.stg_repos_quarantined": "quarantine_key",
    "staging.int_observations": "repo_id, as_of",
    "staging.int_repo_sources": "repo_id, source, discovered_by",
    "staging.int_repos_current": "repo_id",
    "analytics.dim_languages": "language_key",
    "analytics.dim_render_services": "service_key",
    "analytics.dim_repositories": "repo_key",
    "analytics.fact_repo_snapshots": "snapshot_id",
    "analytics.fact_repo_snapshots_hourly": "snapshot_id",
    "analytics.fact_star_days": "repo_id, star_date",
    "analytics.fact_render_usage": "usage_id",
}


def utc(text: str) -> datetime:
    """A moment such as ``2026-05-01`` or ``2026-05-01 13:00``, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weeks(through: datetime, gains: Mapping[date, int], count: int = 30) -> list[dict[str, Any]]:
    """GitHub's star history as read at a moment: Sundays first, newest week zero-filled."""
    today = through.astimezone(LOS_ANGELES).date()
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    rows = []
    for number in range(count):
        first = sunday - timedelta(weeks=number)
        days = [gains.get(first + timedelta(days=n), 0) for n in range(7)]
        days = [n if first + timedelta(days=i) <= today else 0 for i, n in enumerate(days)]
        stamp = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
        rows.append({"week": stamp, "total": sum(days), "days": days})
    return rows


def flat_gains(through: datetime, per_day: int, days: int = 210) -> dict[date, int]:
    """The same number of stars on each of so many days before a moment."""
    today = through.astimezone(LOS_ANGELES).date()
    return {today - timedelta(days=n): per_day for n in range(days)}


@dataclass(frozen=True)
class Unknown:
    """A question that got no answer."""

    reason: str = "timed out"


@dataclass(frozen=True)
class Absent:
    """A question that GitHub answered with: not there."""

    reason: str = "not_found"


@dataclass(frozen=True)
class Seen:
    """What one run learned of one repository.

    A stream left at None was not asked. Activity is given as numbers; `closed_at` and `authors`
    say it exactly where a test needs that.
    """

    repo_id: int
    name: str = ""
    stars: Any = 100
    language: str | None = "Python"
    created: str = "2020-01-01T00:00:00Z"
    commits: int | Unknown | None = 0
    issues: int | Unknown | None = 0
    contributors: int | Unknown | None = 0
    closed_at: Sequence[str] | None = None
    authors: Sequence[Mapping[str, Any]] | None = None
    gains: Mapping[date, int] | Sequence[Any] | Unknown | Absent | None = None
    files: Mapping[str, str | None] | Unknown | Absent | None = None
    findings: Mapping[str, Any] | None = None
    discovered_by: tuple[str, ...] = ("top",)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return self.name or f"owner{self.repo_id}/repo{self.repo_id}"

    def but(self, **changes: Any) -> Seen:
        """The same with some things changed."""
        return replace(self, **changes)

    def payload(self, as_of: datetime) -> dict[str, Any]:
        """GitHub's Repository object."""
        stamp = as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
        owner = self.full_name.split("/", maxsplit=1)[0]
        return {
            "id": f"R_{self.repo_id}",
            "databaseId": self.repo_id,
            "nameWithOwner": self.full_name,
            "url": f"https://github.com/{self.full_name}",
            "description": f"Number {self.repo_id}",
            "homepageUrl": None,
            "createdAt": self.created,
            "updatedAt": stamp,
            "pushedAt": stamp,
            "archivedAt": None,
            "isArchived": False,
            "isDisabled": False,
            "isEmpty": False,
            "isFork": False,
            "isMirror": False,
            "isPrivate": False,
            "isTemplate": False,
            "isLocked": False,
            "visibility": "PUBLIC",
            "hasIssuesEnabled": True,
            "stargazerCount": self.stars,
            "forkCount": 3,
            "diskUsage": 10,
            "primaryLanguage": {"name": self.language} if self.language else None,
            "licenseInfo": {"spdxId": "MIT", "key": "mit", "name": "MIT License"},
            "owner": {"__typename": "User", "login": owner, "databaseId": 1},
            "parent": None,
            "watchers": {"totalCount": 2},
            "openIssues": {"totalCount": 1},
            "closedIssues": {"totalCount": 1},
            "openPRs": {"totalCount": 0},
            "mergedPRs": {"totalCount": 0},
            "releases": {"totalCount": 0, "nodes": []},
            "repositoryTopics": {"totalCount": 1, "nodes": [{"topic": {"name": "tool"}}]},
            "languages": {"totalSize": 1, "edges": []},
            "defaultBranchRef": {"name": "main", "target": {"oid": "a", "committedDate": stamp}},
        } | dict(self.extra)


def _activity(seen: Seen, stream: str, as_of: datetime) -> Any:
    stamp = (as_of - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if stream == "commits":
        number = seen.commits
        return {"branch": "main", "totalCount": number, "nodes": []}
    if stream == "issues":
        closed = seen.closed_at if seen.closed_at is not None else [stamp] * int(seen.issues)  # type: ignore[arg-type]
        nodes = [{"number": n, "closedAt": at, "updatedAt": stamp} for n, at in enumerate(closed)]
        return {"hasIssuesEnabled": True, "nodes": nodes}
    authors = seen.authors
    if authors is None:
        authors = [{"login": f"person{n}"} for n in range(int(seen.contributors))]  # type: ignore[arg-type]
    return {
        "nodes": [
            {"oid": str(n), "committedDate": author.get("at", stamp), "authors": [author]}
            for n, author in enumerate(authors)
        ]
    }


def _attempts(seen: Seen, as_of: datetime) -> Iterable[Attempt]:
    base = Attempt(
        stream="repos",
        repo_id=seen.repo_id,
        repo_full_name=seen.full_name,
        outcome="found",
        fetched_at=as_of + timedelta(minutes=1),
    )
    yield replace(
        base,
        node_id=f"R_{seen.repo_id}",
        payload=seal(seen.payload(as_of)),
        discovered_by=seen.discovered_by,
    )
    window = {"window_start": as_of - timedelta(days=7), "window_end": as_of}
    for stream in ("commits", "issues", "contributors"):
        value = getattr(seen, stream)
        if isinstance(value, Unknown):
            yield replace(base, stream=stream, outcome="unknown", reason=value.reason)  # type: ignore[arg-type]
        elif value is not None:
            yield replace(
                base,
                stream=stream,  # type: ignore[arg-type]
                payload=seal(_activity(seen, stream, as_of)),
                **window,
            )
    for stream, value in (("stars", seen.gains), ("files", seen.files)):
        if isinstance(value, Unknown | Absent):
            outcome = "unknown" if isinstance(value, Unknown) else "absent"
            yield replace(base, stream=stream, outcome=outcome, reason=value.reason)  # type: ignore[arg-type]
        elif value is not None:
            content = (
                _files(value)
                if stream == "files"
                else list(value)
                if isinstance(value, list)
                else weeks(as_of, value)
            )
            yield replace(base, stream=stream, payload=seal(content))  # type: ignore[arg-type]


def _files(texts: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        path: {
            "status": "absent" if text is None else "found",
            "oid": None if text is None else f"sha-{path}-{len(text)}",
            "byteSize": None if text is None else len(text),
            "text": text,
            "reason": None,
        }
        for path, text in texts.items()
    }


def findings(
    blueprint: str = "absent",
    services: Mapping[str, int] | None = None,
    databases: int = 0,
    nextjs: str = "no",
    button: bool | None = False,
    mentions: bool | None = False,
) -> dict[str, Any]:
    """What the detection would say, in its own shape."""
    services = services or {}
    return {
        "blueprint": {
            "status": blueprint,
            "reason": None if blueprint == "valid" else f"{blueprint} for a test",
            "path": "render.yaml" if blueprint == "valid" else None,
            "blob_sha": "abc" if blueprint == "valid" else None,
            "services": [{"name": kind, "type": kind} for kind in services],
            "service_count": sum(services.values()),
            "service_types": dict(services),
            "databases": [{"name": f"db{n}", "plan": None} for n in range(databases)],
            "database_count": databases,
            "env_groups": 0,
            "projects": 0,
            "previews": False,
            "complexity_score": 3,
            "complexity_evidence": {"services": len(services)},
            "quality_score": 0.5,
            "quality_evidence": {},
        },
        "nextjs": {"verdict": nextjs, "reason": "for a test", "evidence": []},
        "deployment": {
            "has_deploy_button": button,
            "deploy_button_url": "https://render.com/deploy" if button else None,
            "readme_mentions_render": mentions,
            "dockerfile_render_hints": [],
            "platforms": {"render": blueprint == "valid", "vercel": False},
            "documentation_score": 0.5,
            "documentation_evidence": {},
        },
    }


@dataclass
class Warehouse:
    """A migrated database, filled and built by a test."""

    url: str
    target_path: Path
    runs: int = 0

    def run(
        self,
        as_of: datetime | str,
        seen: Sequence[Seen] = (),
        *,
        source: str = "python",
        gone: Sequence[tuple[Seen, str]] = (),
        unknown: Sequence[tuple[Seen, str]] = (),
        quarantine: Sequence[QuarantineRow] = (),
    ) -> None:
        """Land what one source brought in one run.

        Args:
            as_of: The run's logical time.
            seen: What was found.
            source: The partition key.
            gone: Repositories that GitHub said are not there, with its reason.
            unknown: Repositories that could not be asked about, with the reason.
            quarantine: Answers that could not be read.
        """
        moment = utc(as_of) if isinstance(as_of, str) else as_of
        self.runs += 1
        missing = [(item, reason, "absent") for item, reason in gone]
        missing += [(item, reason, "unknown") for item, reason in unknown]
        attempts = [attempt for item in seen for attempt in _attempts(item, moment)]
        attempts += [
            Attempt("repos", item.repo_id, item.full_name, outcome, moment, reason=reason)  # type: ignore[arg-type]
            for item, reason, outcome in missing
        ]
        batch = SourceBatch(
            run_id=f"run-{self.runs}",
            as_of=moment,
            source=source,
            source_type="trending" if source in LANGUAGES else "render_ecosystem",
            source_language=LANGUAGES.get(source),
            attempts=tuple(attempts),
            quarantine=tuple(quarantine),
        )
        with connect(self.url) as connection:
            land(connection, batch)
            self._find(connection, seen)

    def _find(self, connection: psycopg.Connection, seen: Sequence[Seen]) -> None:
        for item in seen:
            if isinstance(item.files, Mapping) and item.findings is not None:
                self.add_findings(connection, item)

    def add_findings(self, connection: psycopg.Connection, item: Seen) -> None:
        """Write what the detection says of a repository's newest files."""
        assert item.findings is not None
        connection.execute(
            "insert into staging.repo_file_findings select id, repo_id, 1, %s, %s, %s, "
            "fetch_timestamp from raw.raw_repo_files where repo_id = %s order by id desc limit 1 "
            "on conflict do nothing",
            [
                psycopg.types.json.Jsonb(item.findings[part])
                for part in ("blueprint", "nextjs", "deployment")
            ]
            + [item.repo_id],
        )
        connection.commit()

    def build(
        self,
        *arguments: str,
        with_tests: bool = False,
        variables: Mapping[str, Any] | None = None,
        check: bool = True,
    ) -> dict[str, tuple[str, str]]:
        """Build the project in this process; returns each node's status and message.

        Args:
            *arguments: Further arguments for dbt, such as ``--full-refresh``.
            with_tests: Whether the project's own tests run too.
            variables: What the pipeline would pass with ``--vars``.
            check: Whether a failure is an error of the test.

        Raises:
            AssertionError: When dbt failed and `check` is set.
        """
        import json

        from dbt.cli.main import dbtRunner

        os.environ.update(postgres_environment(self.url))
        extra = ["--vars", json.dumps(variables)] if variables else []
        outcome = dbtRunner().invoke(
            [
                "--quiet",
                "--log-level-file",
                "none",
                "--no-write-json",
                "build",
                *([] if with_tests else ["--exclude-resource-type", "test"]),
                "--project-dir",
                str(PROJECT),
                "--profiles-dir",
                str(PROJECT),
                "--target-path",
                str(self.target_path),
                *extra,
                *arguments,
            ]
        )
        results = {
            item.node.name: (str(item.status), str(item.message))
            for item in getattr(outcome.result, "results", [])
        }
        if check:
            bad = {
                name: result
                for name, result in results.items()
                if result[0] in ("error", "fail", "runtime error", "skipped")
            }
            assert outcome.success, f"{outcome.exception} {bad}"
        return results

    def rows(self, query: str, parameters: Any = None) -> list[dict[str, Any]]:
        """The rows of a query."""
        with connect(self.url) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def value(self, query: str, parameters: Any = None) -> Any:
        """The single value of a query."""
        (row,) = self.rows(query, parameters)
        (value,) = row.values()
        return value

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every model, in the order of its key."""
        return {
            table: self.rows(f"select * from {table} order by {key}")
            for table, key in TABLES.items()
        }
