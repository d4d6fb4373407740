"""The star process: how many stars of each Los Angeles day a repository shows at an instant.

Define how stars come and go here. How GitHub's API cuts them into weeks belongs to `rest.stars`.
"""

from __future__ import annotations

import math

from github_simulator.world.calendars import los_angeles_day, los_angeles_midnight
from github_simulator.world.chance import draw
from github_simulator.world.model import Repository

DETAIL_DAYS = 240
LOSSES = ((3, 0.02), (10, 0.015), (30, 0.01))
"""(age in days, share): that share of a day's stars is taken back at that age."""
LOSS_HOUR = 6 * 3600
LONGEST_LAG = 30


class StarProcess:
    """The stars of one repository.

    Before `DETAIL_DAYS` days ahead of the world's start the base is spread evenly over the
    days since the creation; from then on every day is drawn, and stars are taken back from
    the day they were given, so that past days shrink.
    """

    def __init__(self, repository: Repository, start: int, seed: int) -> None:
        self._plan = repository.stars
        self._key = seed ^ (repository.id << 20) ^ 0x57A25
        self.first_day = los_angeles_day(repository.created_at)
        self._detail = max(self.first_day, los_angeles_day(start) - DETAIL_DAYS)
        self._start_day = los_angeles_day(start)
        self._gross: dict[int, int] = {}
        self._settled_to = self._detail
        self._settled_sum = 0
        self._memo: tuple[int, bool, int] = (0, False, 0)

    def gross(self, day: int) -> int:
        """Stars given on a whole day."""
        found = self._gross.get(day)
        if found is None:
            found = self._gross[day] = self._draw(day)
        return found

    def _draw(self, day: int) -> int:
        plan = self._plan
        if day < self.first_day:
            return 0
        if day < self._detail:
            length = self._detail - self.first_day
            index = day - self.first_day
            return plan.base * (index + 1) // length - plan.base * index // length
        rate = plan.per_day * self._shape(day)
        value = draw(self._key, day)
        noise = 0.6 + 0.8 * (value & 0xFFFFFFFF) / 4294967296.0
        if day % 7 in (6, 0):
            noise *= 0.8
        return int(rate * noise + (value >> 32) / 4294967296.0)

    def _shape(self, day: int) -> float:
        age = day - self.first_day
        since_start = day - self._start_day
        match self._plan.shape:
            case "young":
                return 0.25 + 3.0 * math.exp(-age / 18) * min(1.0, (age + 1) / 4)
            case "rising":
                return min(6.0, math.exp(since_start / 60))
            case "declining":
                return math.exp(-max(since_start + 200, 0) / 110) * 2
            case "burst":
                after = day - self._plan.burst_day
                return 1.0 + (40.0 * 0.5**after if 0 <= after < 12 else 0.0)
            case _:
                return 1.0

    def visible(self, day: int, now: int) -> int:
        """Stars given on a day and still there at an instant."""
        begin = los_angeles_midnight(day)
        if now < begin:
            return 0
        gross = self.gross(day)
        end = los_angeles_midnight(day + 1)
        if now < end:
            return gross * (now - begin) // (end - begin)
        return gross - self._lost(day, gross, now)

    def _lost(self, day: int, gross: int, now: int) -> int:
        if gross == 0 or day < self._detail:
            return 0
        lost = 0
        value = draw(self._key, day, 10)
        for lag, share in LOSSES:
            if now < los_angeles_midnight(day + lag) + LOSS_HOUR:
                break
            lost += int(gross * share * self._plan.loss + (value & 0xFFFF) / 65536)
            value >>= 16
        purged = self._plan.purged
        if purged is not None and purged[0] == day and now >= purged[2]:
            lost += int(gross * purged[1])
        return min(lost, gross)

    def _lost_for_good(self, day: int, gross: int) -> int:
        """What `_lost` says once every lag has passed (and nothing is purged)."""
        if gross == 0:
            return 0
        lost = 0
        value = draw(self._key, day, 10)
        for _, share in LOSSES:
            lost += int(gross * share * self._plan.loss + (value & 0xFFFF) / 65536)
            value >>= 16
        return min(lost, gross)

    def total(self, now: int) -> int:
        """The repository's star count at an instant."""
        today = los_angeles_day(now)
        late = now >= los_angeles_midnight(today) + LOSS_HOUR
        purged = self._plan.purged
        late_key = late or (purged is not None and now >= purged[2])
        if self._memo[:2] != (today, late_key) or purged is not None:
            self._memo = (today, late_key, self._complete_days(today, now))
        base = self._plan.base if self._detail > self.first_day else 0
        return self._plan.hidden + base + self._memo[2] + self.visible(today, now)

    def _complete_days(self, today: int, now: int) -> int:
        settled = max(self._detail, today - LONGEST_LAG - 1)
        if self._plan.purged is not None or settled < self._settled_to:
            return sum(self.visible(day, now) for day in range(self._detail, today))
        for day in range(self._settled_to, settled):
            gross = self.gross(day)
            self._settled_sum += gross - self._lost_for_good(day, gross)
        self._settled_to = settled
        return self._settled_sum + sum(self.visible(day, now) for day in range(settled, today))
