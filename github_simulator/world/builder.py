"""The workbench on which repositories are made: ids, owners, names, common parts.

Define here what every kind of repository shares when it is built. Which repositories there are
belongs to `world.languages`, `world.render` and `world.awkward`.
"""

from __future__ import annotations

from typing import Literal

from github_simulator.world.calendars import DAY
from github_simulator.world.chance import between, draw, pick, unit
from github_simulator.world.model import (
    CommitPlan,
    IssuePlan,
    Naming,
    Owner,
    Repository,
    StarPlan,
)
from github_simulator.world.names import NameMaker

LICENSES = ("MIT", "MIT", "MIT", "Apache-2.0", "GPL-3.0", "BSD-3-Clause", None, "NOASSERTION")
SIDE_LANGUAGES = {
    "Python": (("Shell", 0.05), ("Dockerfile", 0.01)),
    "TypeScript": (("CSS", 0.1), ("JavaScript", 0.05)),
    "Go": (("Makefile", 0.02), ("Shell", 0.02)),
}


class Builder:
    """Makes owners and repositories with ids in a fixed order.

    Args:
        seed: The world's seed.
        start: The world's beginning, epoch seconds.
    """

    def __init__(self, seed: int, start: int) -> None:
        self.seed = seed
        self.start = start
        self.names = NameMaker(seed)
        self.owners: dict[str, Owner] = {}
        self.repositories: list[Repository] = []
        self._next_id = 700_000_000 + seed % 1000 * 1_000_000

    def owner(
        self, login: str | None = None, kind: Literal["User", "Organization"] | None = None
    ) -> Owner:
        """An owner by login, or a new one with an invented login."""
        if login is not None and login in self.owners:
            return self.owners[login]
        name = login if login is not None else self.names.owner()
        number = len(self.owners) + 1
        if kind is None:
            kind = "Organization" if draw(self.seed, number, 71) % 2 else "User"
        owner = self.owners[name] = Owner(20_000_000 + number * 17, name, kind)
        return owner

    def at(self, days: float) -> int:
        """The instant that many days after the start (before it when negative)."""
        return self.start + int(days * DAY)

    def make(
        self,
        language: str | None,
        *,
        age_days: float,
        stars: StarPlan,
        commits_per_day: float,
        issues_per_day: float = 0.0,
        owner: Owner | None = None,
        name: str | None = None,
        topics: tuple[str, ...] = (),
        description: str | None = None,
        readme: str | None = None,
    ) -> Repository:
        """A repository with the common parts filled in, `age_days` old at the start.

        A negative age means that it will be created after the start.
        """
        self._next_id += 1 + draw(self.seed, self._next_id, 5) % 900
        number = self._next_id
        key = draw(self.seed, number)
        holder = owner or self.owner()
        title = name or self.names.repository(language)
        created = self.at(-age_days) + draw(key, 3) % 3600
        people = max(1, int(commits_per_day * between(1, 4, key, 4)) + between(0, 3, key, 5))
        last = max(created + 60, min(self.at(-2), created + 40 * DAY))
        repository = Repository(
            id=number,
            names=[Naming(0, holder, title)],
            language=language,
            created_at=created,
            stars=stars,
            commits=CommitPlan(commits_per_day, people, (created + 30, last)),
            issues=IssuePlan(issues_per_day, int(issues_per_day * 10), int(issues_per_day * 12)),
            description=description if description is not None else self.names.subject(),
            homepage=f"https://{title}.example" if unit(key, 6) < 0.3 else None,
            topics=topics,
            license=pick(LICENSES, key, 7),
            branch="master" if unit(key, 8) < 0.1 else "main",
            forks=int(stars.base * 0.12) + between(0, 9, key, 9),
            forks_per_day=stars.per_day * 0.08,
            watchers=int(stars.base * 0.01) + between(1, 20, key, 10),
            size=between(20, 90_000, key, 11),
        )
        if language:
            total = between(5_000, 900_000, key, 12)
            side = SIDE_LANGUAGES.get(language, ())
            repository.languages = (
                (language, total),
                *((other, int(total * share)) for other, share in side),
            )
        if unit(key, 13) < 0.5:
            repository.releases = tuple(
                (self.at(-30 * n - between(1, 28, key, 14, n)), f"v1.{9 - n}.0", n == 0)
                for n in range(between(1, 4, key, 15))
            )
            repository.releases = tuple(r for r in repository.releases if r[0] > created)
        repository.put("README.md", readme or plain_readme(title, repository.description or ""))
        repository.put("LICENSE", "Permission is hereby granted, free of charge…\n")
        if unit(key, 16) < 0.3:
            repository.put("Dockerfile", 'FROM python:3.13-slim\nCOPY . /app\nCMD ["./start.sh"]\n')
        self.repositories.append(repository)
        return repository


def plain_readme(title: str, description: str) -> str:
    """A README that says nothing of Render."""
    return (
        f"# {title}\n\n{description}.\n\n## Install\n\n```sh\n./install.sh\n```\n\n"
        "## Usage\n\nRead the docs. Rendering is fast; see rendering.example for pictures.\n"
    )


def deploy_readme(title: str, full_name: str) -> str:
    """A README with a Deploy to Render button."""
    return (
        f"# {title}\n\nA service you can run yourself.\n\n## Deploy\n\n"
        "[![Deploy to Render](https://render.com/images/deploy-to-render-button.svg)]"
        f"(https://render.com/deploy?repo=https://github.com/{full_name})\n\n"
        "## Setup\n\n1. Click the button.\n2. Fill in the secrets.\n\n"
        "## Environment variables\n\n| name | meaning |\n|---|---|\n| `SECRET_KEY` | signing |\n"
    )


def mention_readme(title: str) -> str:
    """A README that names the platform without a button."""
    return (
        f"# {title}\n\nHosted on [Render](https://render.com) at https://{title}.onrender.com.\n\n"
        "## Usage\n\nSee the docs.\n"
    )
