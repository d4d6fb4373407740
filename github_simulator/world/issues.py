"""The issue process: issues and pull requests, when they are opened, closed and talked about.

Define how issues live here. Which of them a listing shows, and in what order, belongs to the API.
"""

from __future__ import annotations

from dataclasses import dataclass

from github_simulator.world.calendars import DAY, utc_day, utc_midnight
from github_simulator.world.chance import between, draw, unit
from github_simulator.world.model import Repository
from github_simulator.world.people import PEOPLE, person

HISTORY_DAYS = 35
PULL_SHARE = 0.35
REOPEN_SHARE = 0.05
NEVER = 1 << 60


@dataclass(frozen=True)
class Issue:
    """An issue or pull request; instants are epoch seconds, `NEVER` when it does not happen.

    Attributes:
        closings: (closed, reopened) pairs in order.
        comments: Instants of comments.
    """

    number: int
    created: int
    closings: tuple[tuple[int, int], ...]
    comments: tuple[int, ...]
    is_pull: bool
    is_merged: bool
    reason: str
    author: str

    def closed_at(self, now: int) -> int | None:
        """When it was closed, if it is closed at an instant."""
        closed: int | None = None
        for shut, reopened in self.closings:
            if shut <= now:
                closed = None if reopened <= now else shut
        return closed

    def updated_at(self, now: int) -> int:
        """The last change until an instant: closing, reopening or comment."""
        latest = self.created
        for shut, reopened in self.closings:
            for instant in (shut, reopened):
                if latest < instant <= now:
                    latest = instant
        for instant in self.comments:
            if latest < instant <= now:
                latest = instant
        return latest


class IssueProcess:
    """All issues and pull requests of one repository, by number."""

    def __init__(self, repository: Repository, start: int, seed: int) -> None:
        self._plan = repository.issues
        self._key = seed ^ (repository.id << 16) ^ 0x155E5
        self._created = repository.created_at
        self._start = start
        self._first_day = max(utc_day(start) - HISTORY_DAYS, utc_day(repository.created_at))
        self._next_day = self._first_day
        self.items: list[Issue] = []
        self._build_old()

    def _build_old(self) -> None:
        plan, key = self._plan, self._key
        span = max(DAY, utc_midnight(self._first_day) - self._created)
        total = plan.old_open + plan.old_closed + len(plan.late_closings)
        for index in range(total):
            created = self._created + span * index // max(total, 1)
            closings: tuple[tuple[int, int], ...] = ()
            comments: tuple[int, ...] = ()
            if index < len(plan.late_closings):
                closings = ((max(plan.late_closings[index], created), NEVER),)
            elif (index - len(plan.late_closings)) % max(total, 1) >= plan.old_open:
                shut = created + between(1, max(1, span // 3), key, index, 1)
                closings = ((min(shut, utc_midnight(self._first_day)), NEVER),)
                if unit(key, index, 2) < 0.3:
                    comments = tuple(
                        self._start + between(-20 * DAY, 30 * DAY, key, index, 3, n)
                        for n in range(2)
                    )
            self._add(created, closings, comments, index)

    def _add(
        self,
        created: int,
        closings: tuple[tuple[int, int], ...],
        comments: tuple[int, ...],
        salt: int,
    ) -> None:
        key = self._key
        is_pull = unit(key, salt, 20, created) < PULL_SHARE
        reason = "NOT_PLANNED" if unit(key, salt, 21, created) < 0.15 else "COMPLETED"
        author = person(draw(key, salt, 22, created) % PEOPLE)
        self.items.append(
            Issue(
                number=len(self.items) + 1,
                created=created,
                closings=closings,
                comments=tuple(c for c in comments if c > created),
                is_pull=is_pull,
                is_merged=is_pull and reason == "COMPLETED",
                reason=reason,
                author=author.login or "ghost",
            )
        )

    def _day(self, day: int) -> None:
        key = self._key
        number = int(self._plan.per_day * (0.5 + unit(key, day, 1)) + unit(key, day, 2))
        begin = utc_midnight(day)
        for n, created in enumerate(
            sorted(begin + draw(key, day, 3, i) % DAY for i in range(number))
        ):
            if created < self._created:
                continue
            closings: tuple[tuple[int, int], ...] = ()
            comments: tuple[int, ...] = ()
            if unit(key, day, 4, n) < 0.82:
                shut = created + int(unit(key, day, 5, n) ** 2 * 28 * DAY) + 60
                reopened = NEVER
                if unit(key, day, 6, n) < REOPEN_SHARE:
                    reopened = shut + between(1, 5 * DAY, key, day, 7, n)
                closings = ((shut, reopened),)
                if reopened != NEVER and unit(key, day, 8, n) < 0.5:
                    closings += ((reopened + between(1, 4 * DAY, key, day, 9, n), NEVER),)
            if unit(key, day, 10, n) < 0.5:
                comments = (created + between(1, 40 * DAY, key, day, 11, n),)
            self._add(created, closings, comments, day * 1000 + n)

    def until(self, now: int) -> list[Issue]:
        """Issues and pull requests created until an instant, by number."""
        last = utc_day(now)
        while self._next_day <= last:
            self._day(self._next_day)
            self._next_day += 1
        return [issue for issue in self.items if issue.created <= now]
