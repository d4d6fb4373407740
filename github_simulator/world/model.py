"""The records of the simulated world: repositories and the plans their activity follows.

Define here what a repository *is*; all instants are epoch seconds in UTC.
How stars, commits and issues come out of a plan belongs to `world.stars` and its siblings.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

Availability = Literal["available", "gone", "blocked"]
Truth = dict[str, Any]
ABSENT_BLUEPRINT: Truth = {"status": "absent", "services": {}, "service_count": 0, "databases": 0}


@dataclass(frozen=True)
class Owner:
    """An account that owns repositories."""

    id: int
    login: str
    kind: Literal["User", "Organization"]

    @property
    def node_id(self) -> str:
        """The account's GraphQL id."""
        prefix = "O_kgDO" if self.kind == "Organization" else "U_kgDO"
        return prefix + encoded(self.id)


@dataclass(frozen=True)
class StarPlan:
    """How stars arrive.

    Attributes:
        base: Stars from before the detailed days, spread evenly since the creation.
        per_day: The rate of the shape.
        shape: giant, steady, young, rising, burst, declining or quiet.
        burst_day: For ``burst``, the day (ordinal) on which it begins.
        loss: Factor on the share of stars that are taken back.
        purged: (day, share, from instant): that share of a day's stars vanishes then.
        hidden: Stars in the count that the history does not know.
    """

    base: int = 0
    per_day: float = 0.1
    shape: str = "steady"
    burst_day: int = 0
    loss: float = 1.0
    purged: tuple[int, float, int] | None = None
    hidden: int = 0


@dataclass(frozen=True)
class CommitPlan:
    """How commits arrive: a rate a day, the number of people, and single instants besides."""

    per_day: float = 0.0
    people: int = 1
    fixed: tuple[int, ...] = ()


@dataclass(frozen=True)
class IssuePlan:
    """How issues arrive: opened a day, open and closed long ago, instants of late closings."""

    per_day: float = 0.0
    old_open: int = 0
    old_closed: int = 0
    late_closings: tuple[int, ...] = ()


@dataclass(frozen=True)
class FileVersion:
    """A file's bytes from an instant on; None means that the file is not there."""

    since: int
    data: bytes | None
    is_link: bool = False

    @cached_property
    def oid(self) -> str:
        """Git's blob id."""
        data = self.data or b""
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Naming:
    """The owner and name of a repository from an instant on."""

    since: int
    owner: Owner
    name: str

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner.login}/{self.name}"


@dataclass
class Repository:
    """One repository of the world.

    Attributes:
        names: Its namings, oldest first.
        files: Versions of each path, oldest first.
        gone_at: When it was deleted or made private.
        blocked: (instant, ``dmca`` or ``tos``).
        nextjs: (since, verdict, reason), oldest first; the truth by construction.
        blueprint: (since, truth), oldest first; the truth by construction.
        tags: What makes it worth having, such as ``hostile`` or ``monorepo``.
    """

    id: int
    names: list[Naming]
    language: str | None
    created_at: int
    stars: StarPlan
    commits: CommitPlan
    issues: IssuePlan = field(default_factory=IssuePlan)
    description: str | None = None
    homepage: str | None = None
    topics: tuple[str, ...] = ()
    license: str | None = "MIT"
    branch: str = "main"
    forks: int = 0
    forks_per_day: float = 0.0
    watchers: int = 0
    size: int = 100
    languages: tuple[tuple[str, int], ...] = ()
    files: dict[str, list[FileVersion]] = field(default_factory=dict)
    gone_at: int | None = None
    blocked: tuple[int, str] | None = None
    archived_at: int | None = None
    is_disabled: bool = False
    is_template: bool = False
    is_mirror: bool = False
    parent_id: int | None = None
    has_issues: bool = True
    too_many_contributors: bool = False
    releases: tuple[tuple[int, str, bool], ...] = ()
    nextjs: list[tuple[int, str, str]] = field(default_factory=lambda: [(0, "no", "no manifest")])
    blueprint: list[tuple[int, Truth]] = field(default_factory=lambda: [(0, ABSENT_BLUEPRINT)])
    deploy_button: bool = False
    mentions_render: bool = False
    tags: tuple[str, ...] = ()

    @property
    def node_id(self) -> str:
        """The repository's GraphQL id, which survives renames."""
        return "R_kgDO" + encoded(self.id)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever pushed."""
        return not self.commits.fixed and self.commits.per_day == 0

    def put(self, path: str, data: bytes | str | None, since: int = 0) -> None:
        """Add a version of a file."""
        raw = data.encode() if isinstance(data, str) else data
        self.files.setdefault(path, []).append(FileVersion(since, raw))

    def link(self, path: str, target: str) -> None:
        """Make a path a symbolic link, whose blob is the path it leads to."""
        self.files[path] = [FileVersion(0, target.encode(), is_link=True)]

    def tag(self, *names: str) -> None:
        """Add tags."""
        self.tags = (*self.tags, *names)

    def naming_at(self, now: int) -> Naming:
        """The owner and name in force at an instant."""
        current = self.names[0]
        for naming in self.names[1:]:
            if naming.since <= now:
                current = naming
        return current

    def file_at(self, path: str, now: int) -> FileVersion | None:
        """The version of a file in force at an instant; None when it is not there."""
        found: FileVersion | None = None
        for version in self.files.get(path, ()):
            if version.since <= now:
                found = version
        return found if found is not None and found.data is not None else None

    def availability_at(self, now: int) -> Availability:
        """Whether the repository can be read at an instant."""
        if now < self.created_at or (self.gone_at is not None and now >= self.gone_at):
            return "gone"
        if self.blocked is not None and now >= self.blocked[0]:
            return "blocked"
        return "available"

    def change_stars(self, **changes: Any) -> None:
        """Replace parts of the star plan."""
        self.stars = replace(self.stars, **changes)


def encoded(number: int) -> str:
    """A number as the tail of a GraphQL id."""
    return base64.urlsafe_b64encode(number.to_bytes(6, "big")).decode().rstrip("=")


def decoded(node_id: str) -> int | None:
    """The number in a repository's GraphQL id, new or legacy; None when it is neither."""
    try:
        if node_id.startswith("R_kgDO"):
            return int.from_bytes(base64.urlsafe_b64decode(node_id[6:]), "big")
        text = base64.b64decode(node_id + "=" * (-len(node_id) % 4)).decode()
        return int(text.removeprefix("010:Repository")) if "Repository" in text else None
    except (ValueError, UnicodeDecodeError):
        return None
