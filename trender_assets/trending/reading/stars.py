"""Star history: GitHub's daily counts, checked, and the gain of a window.

Define here what a trustworthy history is. How gains are scored
belongs to dbt.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from trender_assets.github.allowance import FIRST_STAR_HISTORY, STAR_HISTORY
from trender_assets.github.answers import Answer, Found, Unknown

if TYPE_CHECKING:
    from trender_assets.github.cache import CachedAnswer
    from trender_assets.github.client import GitHubClient
    from trender_assets.github.replies import Reply

# The calendar that GitHub's days were observed to follow, daylight saving included.
CALENDAR = ZoneInfo("America/Los_Angeles")
WEEK_SECONDS = 7 * 86_400
# GitHub does not promise that weeks begin at midnight UTC; a local midnight moves by an hour.
DAYLIGHT_SAVING_SECONDS = 3_600
SAVED_AT_ONCE = 100


@dataclass(frozen=True)
class StarHistoryReading:
    """One repository's history as read.

    Attributes:
        repo_id: GitHub's numeric id.
        full_name: The name it was asked by.
        answer: Weeks, newest first: ``{"week": epoch seconds, "total": n, "days": [7 numbers]}``.
        not_modified: Whether GitHub answered 304.
        fetched_at: When the answer came (UTC).
    """

    repo_id: int
    full_name: str
    answer: Answer[list[dict[str, Any]]]
    not_modified: bool
    fetched_at: datetime


@dataclass(frozen=True)
class StarsWindow:
    """Stars gained on complete days before today.

    Attributes:
        stars: Their sum over the days that are covered.
        first_day: The first day wanted.
        last_day: The last: yesterday by GitHub's calendar.
        covered_days: How many of the days the history has.
    """

    stars: int
    first_day: date
    last_day: date
    covered_days: int


async def read_star_histories(
    client: GitHubClient, repositories: Sequence[tuple[int, str]]
) -> AsyncIterator[StarHistoryReading]:
    """Read the newest 30 weeks of each repository, with ETags; yields as answers come.

    Args:
        client: The client.
        repositories: (repo_id, full name) pairs; a repeated id is read once. A name that was
            changed since is followed by GitHub's redirect.

    Raises:
        BadCredentials: When GitHub refused every token.
    """
    wanted = dict(repositories)
    if not wanted:
        return
    urls = {repo_id: history_url(name) for repo_id, name in wanted.items()}
    entries = await client.cached(list(urls.values()))
    tasks = [
        asyncio.create_task(_read(client, repo_id, name, entries.get(urls[repo_id])))
        for repo_id, name in wanted.items()
    ]
    new: list[CachedAnswer] = []
    try:
        for earliest in asyncio.as_completed(tasks):
            reading, entry = await earliest
            if entry is not None:
                new.append(entry)
            if len(new) >= SAVED_AT_ONCE:
                await client.remember(new)
                new = []
            yield reading
    finally:
        for task in tasks:
            task.cancel()
        await client.remember(new)


def history_url(full_name: str) -> str:
    """The path of page 1 of a repository's history."""
    return f"/repos/{quote(full_name)}/stargazers/history?per_page=30"


async def _read(
    client: GitHubClient, repo_id: int, name: str, entry: CachedAnswer | None
) -> tuple[StarHistoryReading, CachedAnswer | None]:
    purpose = FIRST_STAR_HISTORY if entry is None else STAR_HISTORY
    answer: Answer[Reply] = await client.get(
        history_url(name), purpose=purpose, expect=list, entry=entry
    )
    if isinstance(answer, Found):
        reply = answer.value
        weeks = checked_weeks(reply.body)
        is_usable = isinstance(weeks, Found)
        if isinstance(weeks, Unknown) and reply.body:  # a new repository may have no weeks
            client.unreadable.add_reply(
                reply, weeks.reason, purpose=purpose, repo_id=repo_id, full_name=name
            )
        reading = StarHistoryReading(
            repo_id, name, weeks, reply.is_not_modified and is_usable, reply.fetched_at
        )
        # A history that can't be trusted is asked for in full next time.
        is_new = is_usable and not reply.is_not_modified
        return reading, reply.entry if is_new else None
    now = datetime.fromtimestamp(client.clock.time(), UTC)
    return StarHistoryReading(repo_id, name, answer, False, now), None


def checked_weeks(body: Any) -> Answer[list[dict[str, Any]]]:
    """A history that adds up, newest week first, each week once; else why it can't be trusted.

    Days to come are kept as GitHub sends them (zero); whoever sums leaves them out. A later
    answer may have smaller past days: an unstar takes its star away from the day it was given.
    """
    if not isinstance(body, list):
        return Unknown("malformed: star history is no list")
    if not body:
        return Unknown("star history is empty")
    weeks: dict[int, dict[str, Any]] = {}
    for item in body:
        problem = _problem(item)
        if problem:
            return Unknown(f"star history is inconsistent: {problem}")
        week = {"week": item["week"], "total": item["total"], "days": list(item["days"])}
        if weeks.setdefault(week["week"], week) != week:
            return Unknown("star history is inconsistent: a week appears twice and differs")
    stamps = sorted(weeks, reverse=True)
    steps = (newer - older for newer, older in itertools.pairwise(stamps))
    if any(abs(step - WEEK_SECONDS) > DAYLIGHT_SAVING_SECONDS for step in steps):
        return Unknown("star history is inconsistent: weeks are not 7 days apart")
    return Found([weeks[stamp] for stamp in stamps])


def _problem(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return "a week is no object"
    week, total, days = item.get("week"), item.get("total"), item.get("days")
    if not _is_count(week):
        return "a week is no time"
    if not isinstance(days, list) or len(days) != 7:
        return "a week has not 7 days"
    if not _is_count(total) or not all(_is_count(day) for day in days):
        return "a count is negative or no number"
    if total != sum(days):
        return f"total {total} is not the sum of its days {sum(days)}"
    return None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def stars_window(weeks: Sequence[Mapping[str, Any]], as_of: datetime, days: int = 7) -> StarsWindow:
    """Stars gained on the last complete days before `as_of`, by GitHub's calendar.

    Args:
        weeks: Checked weeks; pages may be joined, an earlier one wins.
        as_of: An aware time; the day it falls on is incomplete and left out.
        days: How many days.
    """
    today = as_of.astimezone(CALENDAR).date()
    gained: dict[date, int] = {}
    for week in weeks:
        sunday = datetime.fromtimestamp(week["week"], UTC).date()
        for offset, count in enumerate(week["days"]):
            gained.setdefault(sunday + timedelta(days=offset), count)
    wanted = [today - timedelta(days=back) for back in range(days, 0, -1)]
    covered = [gained[day] for day in wanted if day in gained]
    return StarsWindow(sum(covered), wanted[0], wanted[-1], len(covered))
