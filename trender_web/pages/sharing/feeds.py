"""Feeds of what has newly begun to rise: Atom and JSON, per language, Render only, by week.

Define here which feeds exist and what one entry is. An entry is made when the day is over on
which a repository entered a list, and never again while it stays; how ranks arise belongs to the
SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trender_web.answer.answers import config_of, from_reading, kept, to_json
from trender_web.answer.errors import Problem
from trender_web.answer.formats import exact, gain, iso, plural
from trender_web.answer.openapi import body_of
from trender_web.answer.params import SLUG, tracked_languages
from trender_web.answer.templating import fill
from trender_web.answer.text import repository_path, shown
from trender_web.config import WebConfig
from trender_web.data.store import Reading, Row

router = APIRouter(tags=["feeds"])
MAX_ENTRIES = 50
LOOK_BACK_DAYS = 45
ABSENT_DAYS = 7
DIGEST_WEEKS = 12
DIGEST_ENTRIES = 10
FeedName = Annotated[
    str,
    Path(pattern=SLUG, description="`trending`, `render`, `weekly` or a language's slug."),
]


@dataclass(frozen=True)
class Feed:
    """A feed's identity.

    Attributes:
        name: Its part of the address.
        title: What readers call it.
        page: The page that shows the same.
        pool: Language slug, or None for all.
        render_only: Only repositories with a valid Blueprint.
    """

    name: str
    title: str
    page: str
    pool: str | None = None
    render_only: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry; texts are plain."""

    id: str
    url: str
    title: str
    summary: str
    updated: datetime
    tags: Sequence[str] = ()
    external_url: str | None = None
    items: Sequence[tuple[str, str]] = ()


@router.get("/feed/{feed}.atom", responses=body_of("application/atom+xml"))
@from_reading
def atom(request: Request, reading: Reading, feed: FeedName) -> Response:
    """An Atom feed: the 50 newest entries."""
    return _answer(request, reading, feed, "atom")


@router.get("/feed/{feed}.json", responses=body_of("application/feed+json", type="object"))
@from_reading
def as_json(request: Request, reading: Reading, feed: FeedName) -> Response:
    """The same as a JSON Feed (version 1.1)."""
    return _answer(request, reading, feed, "json")


def find_feed(reading: Reading, name: str) -> Feed:
    """The feed of that name.

    Raises:
        Problem: 404, naming the feeds there are.
    """
    known = {
        "trending": Feed("trending", "Newly trending on GitHub", "/"),
        "render": Feed("render", "Newly trending Render projects", "/render", render_only=True),
        "weekly": Feed("weekly", "What began to rise, week by week", "/?new=1"),
    }
    for row in tracked_languages(reading):
        title = f"Newly trending in {shown(row['name'], 60)}"
        known[row["slug"]] = Feed(row["slug"], title, f"/language/{row['slug']}", row["slug"])
    if name not in known:
        raise Problem(
            404, "No such feed", f"There are feeds of: {', '.join(known)}.",
            suggestions=[(f"/feed/{key}.atom", feed.title) for key, feed in known.items()],
        )  # fmt: skip
    return known[name]


def _answer(request: Request, reading: Reading, name: str, form: str) -> Response:
    config = config_of(request)
    feed = find_feed(reading, name)
    if feed.name == "weekly":
        entries = weekly_entries(reading, config)
    else:
        entries = new_entries(reading, config, feed)
    updated = reading.version.as_of or datetime(2026, 1, 1, tzinfo=UTC)
    if form == "json":
        document = json_feed(feed, entries, config)
        return kept(to_json(document), "application/feed+json")
    body = fill(
        "feed.atom", feed=feed, entries=entries, base_url=config.base_url, updated=iso(updated),
        feed_id=_tag(config, f"feed/{feed.name}"),
    )  # fmt: skip
    return kept(body, "application/atom+xml; charset=utf-8")


def new_entries(reading: Reading, config: WebConfig, feed: Feed) -> list[Entry]:
    """The newest entries of a list of repositories."""
    rows = _new(reading, feed, LOOK_BACK_DAYS, MAX_ENTRIES)
    return [_entry(row, config, feed) for row in rows]


def _new(reading: Reading, feed: Feed, days: int, limit: int) -> list[Row]:
    if reading.version.as_of is None:
        return []
    # Places change until a day is over; an entry must stay what it was when readers saw it first.
    last = reading.version.as_of.date() - timedelta(days=1)
    return reading.rows(
        "feed_new",
        pool=feed.pool,
        render=feed.render_only,
        days=[last - timedelta(days=back) for back in range(days + ABSENT_DAYS)],
        since=last - timedelta(days=days),
        limit=limit,
    )


def _entry(row: Row, config: WebConfig, feed: Feed) -> Entry:
    name = shown(row["repo_full_name"], 140)
    return Entry(
        id=_tag(config, f"{feed.name}/{row['repo_id']}/{row['entry_date']}"),
        url=config.base_url + repository_path(row["repo_full_name"]),
        title=f"{name} was #{row['place']} of the first list"
        if row["is_first_list"]
        else f"{name} entered the list at #{row['place']}",
        summary=_summary(row),
        updated=_midnight(row["entry_date"]),
        tags=[shown(str(tag), 60) for tag in (row["language"], *(row["topics"] or [])) if tag][:8],
        external_url=row["repo_url"],
    )


def _summary(row: Row) -> str:
    parts = [shown(row["description"], 400)] if row["description"] else []
    numbers = [f"{exact(row['stars'])} stars"]
    if row["stars_gained_7d"] is not None:
        numbers.append(f"{gain(row['stars_gained_7d'])} in 7 days")
    if row["momentum_score"] is not None:
        numbers.append(f"momentum {row['momentum_score']:.1f}")
    if row["uses_render"]:
        numbers.append("a Render project")
    return " — ".join([*parts, ", ".join(numbers) + f", on {row['entry_date']}."])


def weekly_entries(reading: Reading, config: WebConfig) -> list[Entry]:
    """One entry for each week that is over: what entered the list in it, best places first."""
    if reading.version.as_of is None:
        return []
    rows = _new(reading, Feed("trending", "", "/"), DIGEST_WEEKS * 7, 10_000)
    today = reading.version.as_of.date()
    weeks: dict[date, list[Row]] = {}
    for row in rows:
        day: date = row["entry_date"]
        if row["is_first_list"]:
            continue
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(row)
    return [
        _digest(monday, sorted(found, key=lambda row: row["place"]), config)
        for monday, found in sorted(weeks.items(), reverse=True)
        if monday + timedelta(days=7) <= today
    ]


def _digest(monday: date, rows: Sequence[Row], config: WebConfig) -> Entry:
    calendar = monday.isocalendar()
    label = f"{calendar.year}-W{calendar.week:02d}"
    best = rows[:DIGEST_ENTRIES]
    return Entry(
        id=_tag(config, f"weekly/{label}"),
        url=f"{config.base_url}/?new=1",
        title=f"Week {calendar.week}, {calendar.year}: "
        f"{plural(len(rows), 'repository', 'repositories')} began to rise",
        summary=f"{monday} to {monday + timedelta(days=6)}: "
        + "; ".join(shown(row["repo_full_name"], 140) for row in best)
        + ("." if len(rows) <= DIGEST_ENTRIES else f"; and {len(rows) - DIGEST_ENTRIES} more."),
        updated=_midnight(monday + timedelta(days=7)),
        items=[
            (
                config.base_url + repository_path(row["repo_full_name"]),
                f"{shown(row['repo_full_name'], 140)}: #{row['place']} on {row['entry_date']}, "
                f"{exact(row['stars'])} stars, {gain(row['stars_gained_7d'])} in 7 days",
            )
            for row in best
        ],
    )


def json_feed(feed: Feed, entries: Sequence[Entry], config: WebConfig) -> Row:
    """The entries as a JSON Feed document."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": config.base_url + feed.page,
        "feed_url": f"{config.base_url}/feed/{feed.name}.json",
        "language": "en",
        "items": [
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "content_text": "\n".join([entry.summary, *(text for _, text in entry.items)]),
                "date_published": iso(entry.updated),
                **({"external_url": entry.external_url} if entry.external_url else {}),
                **({"tags": list(entry.tags)} if entry.tags else {}),
            }
            for entry in entries
        ],
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _tag(config: WebConfig, path: str) -> str:
    """A stable ``tag:`` address (RFC 4151) under the configured host."""
    return f"tag:{urlsplit(config.base_url).hostname or 'trender'},2026:{path}"
