"""What one run learned of one repository, in the words of a test.

Define here what GitHub can be said to have said. How that becomes raw rows belongs to `raw_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


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
    releases: Sequence[Mapping[str, Any]] | None = None
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
