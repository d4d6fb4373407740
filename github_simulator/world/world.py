"""The simulated world: every repository and what can be known of it at an instant.

Define how the world is put together and looked up here. Everything is a pure function of
(seed, start, sizes, now); the API modules ask this class and never each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from github_simulator.world.awkward import build_awkward
from github_simulator.world.builder import Builder
from github_simulator.world.calendars import anchor_before
from github_simulator.world.chance import draw
from github_simulator.world.commits import CommitProcess
from github_simulator.world.issues import Issue, IssueProcess
from github_simulator.world.languages import LANGUAGES, build_languages
from github_simulator.world.model import Owner, Repository, StarPlan
from github_simulator.world.render import EMPLOYEES, build_render
from github_simulator.world.stars import StarProcess

BULK_OWNER = "bulk-harvest"


@dataclass(frozen=True)
class WorldPlan:
    """What decides a world.

    Attributes:
        seed: Another seed is another world.
        start: Epoch seconds around which ages and events are laid; `anchor_before` by default.
        per_language: Repositories of each language that can be ranked.
        render: Repositories spread over the Render sources.
        bulk: Small repositories of one organisation, for paging and the 1,000-result rule.
    """

    seed: int = 7
    start: int = anchor_before(1_795_000_000)
    per_language: int = 100
    render: int = 100
    bulk: int = 120
    languages: tuple[str, ...] = LANGUAGES


class World:
    """The world of a plan."""

    def __init__(self, plan: WorldPlan | None = None) -> None:
        self.plan = plan or WorldPlan()
        key = draw(self.plan.seed, 1)
        self._key = key
        builder = Builder(self.plan.seed, self.plan.start)
        build_render(builder, self.plan.render)
        build_languages(builder, self.plan.per_language, self.plan.languages)
        if self.plan.per_language >= 10:
            build_awkward(builder, self.plan.languages)
        _build_bulk(builder, self.plan.bulk)
        self.repositories: list[Repository] = builder.repositories
        for repository in self.repositories:
            _push_file_changes(repository)
        self.owners: dict[str, Owner] = {o.login.lower(): o for o in builder.owners.values()}
        self.by_id: dict[int, Repository] = {r.id: r for r in self.repositories}
        self.employees = EMPLOYEES
        self._by_name: dict[str, list[Repository]] = {}
        for repository in self.repositories:
            for naming in repository.names:
                self._by_name.setdefault(naming.full_name.lower(), []).append(repository)
        self._stars: dict[int, StarProcess] = {}
        self._commits: dict[int, CommitProcess] = {}
        self._issues: dict[int, IssueProcess] = {}
        self._issue_states: dict[int, tuple[int, list[tuple[Issue, int | None]]]] = {}

    def stars(self, repository: Repository) -> StarProcess:
        """The star process of a repository."""
        found = self._stars.get(repository.id)
        if found is None:
            found = StarProcess(repository, self.plan.start, self._key)
            self._stars[repository.id] = found
        return found

    def commits(self, repository: Repository) -> CommitProcess:
        """The commit process of a repository."""
        found = self._commits.get(repository.id)
        if found is None:
            found = CommitProcess(repository, self.plan.start, self._key)
            self._commits[repository.id] = found
        return found

    def issues(self, repository: Repository) -> IssueProcess:
        """The issue process of a repository."""
        found = self._issues.get(repository.id)
        if found is None:
            found = IssueProcess(repository, self.plan.start, self._key)
            self._issues[repository.id] = found
        return found

    def issue_states(self, repository: Repository, now: int) -> list[tuple[Issue, int | None]]:
        """Every issue and pull request with its closing at an instant; the last is remembered."""
        kept = self._issue_states.get(repository.id)
        if kept is None or kept[0] != now:
            rows = [(i, i.closed_at(now)) for i in self.issues(repository).until(now)]
            kept = self._issue_states[repository.id] = (now, rows)
        return kept[1]

    def find(self, full_name: str, now: int) -> tuple[Repository, bool] | None:
        """The repository that answers to a name, and whether the name is its present one.

        A name in use wins over an old name; a deleted repository answers to nothing.
        """
        old: Repository | None = None
        for repository in self._by_name.get(full_name.lower(), ()):
            if repository.availability_at(now) == "gone":
                continue
            if repository.naming_at(now).full_name.lower() == full_name.lower():
                return repository, True
            if any(
                n.full_name.lower() == full_name.lower() and n.since <= now
                for n in repository.names
            ):
                old = repository
        return (old, False) if old is not None else None

    def existing(self, now: int) -> list[Repository]:
        """Repositories that can be read at an instant, by id."""
        return [r for r in self.repositories if r.availability_at(now) == "available"]

    def star_count(self, repository: Repository, now: int) -> int:
        """Stars at an instant."""
        return self.stars(repository).total(now)

    def fork_count(self, repository: Repository, now: int) -> int:
        """Forks at an instant."""
        days = max(0, now - max(repository.created_at, self.plan.start - 90 * 86_400)) / 86_400
        return repository.forks + int(days * repository.forks_per_day)

    def updated_at(self, repository: Repository, now: int) -> int:
        """The last change of anything: a push, or for lively ones the present hour's stars."""
        lively = now // 3600 * 3600 if repository.stars.per_day > 3 else 0
        return max(self.pushed_at(repository, now), min(lively, now))

    def pushed_at(self, repository: Repository, now: int) -> int:
        """The last push at an instant; the creation when there was none."""
        newest = self.commits(repository).newest(now)
        return newest.committed if newest is not None else repository.created_at


def _push_file_changes(repository: Repository) -> None:
    """A file that changes was pushed: the branch gets a commit at that instant."""
    instants = {
        version.since
        for versions in repository.files.values()
        for version in versions
        if version.since > repository.created_at
    }
    if instants:
        plan = repository.commits
        repository.commits = replace(plan, fixed=(*plan.fixed, *sorted(instants)))


def _build_bulk(builder: Builder, number: int) -> None:
    owner = builder.owner(BULK_OWNER, "Organization")
    for index in range(number):
        builder.make(
            "Elixir",
            age_days=100 + index % 700,
            stars=StarPlan(base=index % 90, per_day=0.05, shape="quiet"),
            commits_per_day=0.05,
            owner=owner,
            name=f"plot-{index:04d}",
            topics=("bulk",),
        ).tag("bulk")
