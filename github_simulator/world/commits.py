"""The commit process: which commits a repository's default branch has, by whom and when.

Define how commits and their authors arise here. Paging and JSON shapes belong to the API modules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from github_simulator.world.calendars import DAY, utc_day, utc_midnight
from github_simulator.world.chance import between, draw, unit
from github_simulator.world.model import Repository
from github_simulator.world.people import PEOPLE, Person, bot, person

HISTORY_DAYS = 45
BOT_SHARE = 0.12
CO_AUTHOR_SHARE = 0.12
SUBJECTS = (
    "Fix off-by-one in paging", "Add retry to the worker", "Bump dependencies", "Document setup",
    "Refactor the parser", "Handle empty input", "Speed up the hot path", "Merge branch 'next'",
)  # fmt: skip


@dataclass(frozen=True)
class Commit:
    """One commit of the default branch; instants are epoch seconds."""

    oid: str
    committed: int
    authored: int
    authors: tuple[Person, ...]
    subject: str
    parents: int


class CommitProcess:
    """The default branch of one repository, oldest commit first.

    Every UTC day since `HISTORY_DAYS` before the world's start (or the creation) is drawn
    from the plan's rate; the plan's fixed instants come on top.
    """

    def __init__(self, repository: Repository, start: int, seed: int) -> None:
        self._plan = repository.commits
        self._key = seed ^ (repository.id << 18) ^ 0xC0FFEE
        self._id = repository.id
        self._created = repository.created_at
        self._first_day = max(utc_day(start) - HISTORY_DAYS, utc_day(repository.created_at))
        self._days: dict[int, list[Commit]] = {}
        self._early = [
            self._commit(instant, 0, index)
            for index, instant in enumerate(sorted(self._plan.fixed))
        ]
        self._before = [c for c in self._early if utc_day(c.committed) < self._first_day]
        self._exact_days = {utc_day(c.committed) for c in self._early}
        self._exact_days.add(self._first_day)

    def _day(self, day: int) -> list[Commit]:
        key = self._key
        number = self._number(day)
        begin = utc_midnight(day)
        times = sorted(begin + draw(key, day, 3, n) % DAY for n in range(number))
        commits = [self._commit(t, day, n) for n, t in enumerate(times) if t >= self._created]
        commits += [c for c in self._early if utc_day(c.committed) == day]
        commits.sort(key=lambda c: (c.committed, c.oid))
        return commits

    def _commit(self, instant: int, day: int, index: int) -> Commit:
        key = self._key
        chance = unit(key, day, 4, index)
        if chance < BOT_SHARE and self._plan.people > 2:
            authors: tuple[Person, ...] = (bot(draw(key, day, 5, index)),)
        else:
            authors = (self._person(day, index, 0),)
            if chance > 1 - CO_AUTHOR_SHARE and self._plan.people > 1:
                for extra in range(between(1, 4, key, day, 6, index)):
                    other = self._person(day, index, extra + 1)
                    if other.identity not in {a.identity for a in authors}:
                        authors = (*authors, other)
        rebased = unit(key, day, 7, index) < 0.08
        authored = instant - (between(1, 30, key, day, 8, index) * DAY if rebased else 0)
        oid = hashlib.sha1(
            f"{self._id}:{day}:{index}:{instant}".encode(), usedforsecurity=False
        ).hexdigest()
        subject = SUBJECTS[draw(key, day, 9, index) % len(SUBJECTS)]
        parents = 2 if subject.startswith("Merge") else 1
        return Commit(oid, instant, max(authored, self._created), authors, subject, parents)

    def _person(self, day: int, index: int, extra: int) -> Person:
        skewed = unit(self._key, day, 10, index, extra) ** 2
        member = int(skewed * self._plan.people)
        number = draw(self._key, member, 11) % PEOPLE
        return person(number, unit(self._key, day, 12, index) < 0.5)

    def _number(self, day: int) -> int:
        rate = self._plan.per_day * (0.45 if day % 7 in (6, 0) else 1.2)
        return int(rate * (0.4 + 1.2 * unit(self._key, day, 1)) + unit(self._key, day, 2))

    def on(self, day: int) -> list[Commit]:
        """Commits of a UTC day, oldest first."""
        if day < self._first_day:
            return []
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._day(day)
        return found

    def _size(self, day: int) -> int:
        if day in self._exact_days:
            return len(self.on(day))
        return self._number(day)

    def between(self, since: int | None, until: int) -> list[Commit]:
        """Commits with `since` <= committed <= `until`, oldest first."""
        low = self._created if since is None else since
        commits = [c for c in self._before if low <= c.committed <= until]
        for day in range(max(self._first_day, utc_day(low)), utc_day(until) + 1):
            commits += [c for c in self.on(day) if low <= c.committed <= until]
        return commits

    def count(self, until: int) -> int:
        """How many commits the branch has at an instant; days long past are only counted."""
        today = utc_day(until)
        complete = sum(self._size(day) for day in range(self._first_day, today))
        present = sum(1 for commit in self.on(today) if commit.committed <= until)
        return sum(1 for c in self._before if c.committed <= until) + complete + present

    def newest(self, now: int) -> Commit | None:
        """The head of the default branch at an instant."""
        for day in range(utc_day(now), self._first_day - 1, -1):
            if self._size(day):
                for commit in reversed(self.on(day)):
                    if commit.committed <= now:
                        return commit
        past = [c for c in self._before if c.committed <= now]
        return past[-1] if past else None
