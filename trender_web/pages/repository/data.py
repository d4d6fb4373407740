"""One repository as data: found by name, measured, compared, explained.

Define here how everything known of a repository is gathered, and the sentence that says why it is
trending. How it looks belongs to `pages.repository`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from trender_web.answer.errors import Moved, Problem
from trender_web.answer.formats import exact, fixed, percent, plural, utc_text
from trender_web.answer.text import is_repository, repository_path, shown
from trender_web.data.store import Reading, Row

HISTORY_COLUMNS = (
    "snapshot_date", "as_of", "is_complete_day", "stars", "forks", "open_issues",
    "stars_gained_1d", "stars_gained_7d", "stars_gained_7d_source", "star_velocity",
    "commits_last_7_days", "issues_closed_last_7_days", "active_contributors", "activity_score",
    "momentum_score", "momentum_unboosted", "trend_score", "rank_overall", "rank_in_language",
    "trend_rank_in_language", "data_quality_score",
)  # fmt: skip
PUBLIC = (
    "repo_id", "node_id", "repo_full_name", "repo_url", "description", "homepage_url", "language",
    "pool", "topics", "license_spdx", "repo_created_at", "pushed_at", "is_archived", "is_fork",
    "availability", "unavailable_since", "unavailable_reason", "first_seen_at", "stars", "forks",
    "watchers", "open_issues", "open_pull_requests", "stars_gained_1d", "stars_gained_7d",
    "stars_gained_7d_source", "stars_gained_7d_reason", "stars_gained_28d", "stars_per_day_7d",
    "star_velocity", "star_growth_pct_7d", "stars_net_7d", "stars_retained_7d",
    "commits_last_7_days", "commits_reason", "issues_closed_last_7_days", "issues_reason",
    "active_contributors", "contributors_reason", "activity_is_truncated", "activity_score",
    "activity_commits_part", "activity_issues_part", "activity_contributors_part",
    "momentum_velocity_part", "momentum_activity_part", "momentum_unboosted", "render_boost",
    "age_factor", "momentum_score", "momentum_reason", "unranked_reason", "trend_score",
    "trend_parts", "is_ranked", "rank_overall", "rank_in_language", "rank_overall_unboosted",
    "rank_in_language_unboosted", "previous_rank_overall", "previous_rank_in_language",
    "trend_rank_overall", "trend_rank_in_language", "first_ranked_date", "uses_render",
    "render_category", "nextjs_verdict", "nextjs_reason", "data_quality_score", "dq_completeness",
    "dq_validity", "dq_timeliness", "snapshot_date", "as_of", "is_stale",
)  # fmt: skip


def find_repository(reading: Reading, owner: str, name: str) -> Row:
    """Everything known now of a repository.

    Raises:
        Moved: When it bears another name now.
        Problem: 404 when it is not followed, 451 when it may not be shown.
    """
    if not is_repository(owner, name):
        raise Problem(404, "No such repository", "GitHub has no repository of such a name.")
    full_name = f"{owner}/{name}"
    row = reading.row("repo_by_name", name=full_name)
    if row is None or row["availability"] != "available":
        moved = reading.row("repo_renamed", name=full_name)
        if row is None and moved is not None:
            raise Moved(full_name, moved["repo_full_name"])
    if row is None:
        raise not_followed(reading, owner, name)
    if row["availability"] == "blocked":
        raise Problem(
            451,
            "Not available",
            f"GitHub has blocked this repository since {utc_text(row['unavailable_since'])}; "
            "so do we.",
        )
    if row["repo_full_name"] != full_name:
        raise Moved(full_name, row["repo_full_name"])
    return row


def not_followed(reading: Reading, owner: str, name: str) -> Problem:
    """404 that says what is followed and what the reader may have meant."""
    pools = reading.rows("frame_counts")
    followed = ", ".join(f"{row['followed']} in {row['pool']}" for row in pools) or "none yet"
    similar = reading.rows("repo_similar_names", owner=owner, name=name)
    return Problem(
        404,
        f"{owner}/{name} is not followed",
        f"Trender follows a bounded sample ({followed}) and the Render projects it finds. A "
        "repository enters when a search for rising repositories of its language lists it.",
        suggestions=[
            *[(repository_path(row["repo_full_name"]), row["repo_full_name"]) for row in similar],
            ("/methodology#sample", "How repositories are chosen"),
        ],
    )


def language_of(reading: Reading, row: Row) -> str:
    """The name of the language whose list it competes in, else of its own."""
    names = {item["slug"]: item["name"] for item in reading.rows("languages")}
    return names.get(row["pool"], row["language"])


def public(row: Row) -> Row:
    """A repository as the API gives it."""
    return {name: row.get(name) for name in PUBLIC}


def measured_on(reading: Reading, row: Row, day: date) -> Row:
    """The repository with the numbers of a past day.

    Raises:
        Problem: 404 when that day has no measurement of it.
    """
    fact = reading.row("repo_day", repo_id=row["repo_id"], as_of=day)
    if fact is None:
        raise Problem(
            404, "No data for that day", f"{row['repo_full_name']} was not seen on {day}."
        )
    unknown_then = {name: None for name in ("previous_rank_overall", "previous_rank_in_language")}
    reasons = {
        name: "not kept for past days"
        for name in ("commits_reason", "issues_reason", "contributors_reason")
    }
    return {**row, **unknown_then, **fact, **reasons, "is_stale": False}


def similar(reading: Reading, row: Row) -> list[Row]:
    """Five ranked repositories of the same language to compare with."""
    if row["pool"] is None:
        return []
    return reading.rows(
        "repo_similar", pool=row["pool"], repo_id=row["repo_id"], topics=row["topics"] or [],
        stars=row["stars"],
    )  # fmt: skip


def percentiles(reading: Reading, row: Row) -> Row:
    """Shares of its language's ranked repositories that it exceeds; empty when not ranked."""
    if not row["is_ranked"] or row["pool"] is None:
        return {}
    return reading.row(
        "repo_percentiles", pool=row["pool"], repo_id=row["repo_id"],
        gained=row["stars_gained_7d"], velocity=row["star_velocity"],
        activity=row["activity_score"], momentum=row["momentum_score"],
    ) or {}  # fmt: skip


def why_sentence(row: Row, shares: Row, language: str) -> str:
    """Why a repository is where it is, from its own numbers."""
    if not row["is_ranked"]:
        reason = row.get("unranked_reason") or row["momentum_reason"] or "a number is missing"
        return f"It is not ranked: {reason}."
    overall = f"number {row['rank_overall']} overall"
    if shares:
        competitors = int(shares["competitors"]) + 1
        place = f"number {row['rank_in_language']} of {competitors} in {language} and {overall}"
    else:
        place = f"{overall}, in no language’s own list"
    gained = row["stars_gained_7d"]
    stars = (
        f" It gained {plural(gained, 'star')} in seven days, "
        f"{fixed(row['star_velocity'], 2)}\u202f% of the {exact(row['stars'])} it has"
    )
    share = shares.get("gained_above")
    more = f", more than {percent(share)} of the others" if share is not None else ""
    work = (
        f" Its week of {plural(row['commits_last_7_days'], 'commit')}, "
        f"{plural(row['issues_closed_last_7_days'], 'closed issue')} and "
        f"{plural(row['active_contributors'], 'contributor')} makes an activity of "
        f"{fixed(row['activity_score'], 1)}"
    )
    above = shares.get("activity_above")
    busier = f", more than {percent(above)} of the others" if above is not None else ""
    return f"It is {place}.{stars}{more}.{work}{busier}."


def arithmetic(row: Row) -> list[tuple[str, str, float | None, bool]]:
    """Momentum step by step: (what, how, value, is a sum); every value is a stored column."""
    velocity, activity = row["star_velocity"], row["activity_score"]
    return [
        ("Velocity", f"{exact(row['stars_gained_7d'])} stars gained ÷ {exact(row['stars'])} stars "
         "× 100", velocity, False),
        ("Velocity’s part", f"0.4 × {fixed(velocity, 2)}", row["momentum_velocity_part"], False),
        ("Activity", f"0.4 × {exact(row['commits_last_7_days'])} commits + 0.3 × "
         f"{exact(row['issues_closed_last_7_days'])} issues + 0.3 × "
         f"{exact(row['active_contributors'])} contributors", activity, False),
        ("Activity’s part", f"0.6 × {fixed(activity, 2)}", row["momentum_activity_part"], False),
        ("Sum", "velocity’s part + activity’s part", added(row), True),
        ("Age", "× 0.9 when it is older than 180 days, else × 1", row["age_factor"], False),
        ("Momentum without the Render boost", "sum × age", row["momentum_unboosted"], True),
        ("Render boost", "× 1.2 with a valid Blueprint, else × 1", row["render_boost"], False),
        ("Momentum", "what the rank is made of", row["momentum_score"], True),
    ]  # fmt: skip


def added(row: Row) -> float | None:
    """Velocity's part and activity's part together."""
    parts = row["momentum_velocity_part"], row["momentum_activity_part"]
    return None if None in parts else sum(parts)


def star_lines(
    reading: Reading, rows: Sequence[Row], days: int = 2 * 366
) -> dict[int, list[tuple[date, int, str]]]:
    """(day, stars gained, source) of some repositories, oldest first, one source each.

    Args:
        reading: Where to ask.
        rows: The repositories; the newest of their days is where the window ends.
        days: How far it goes back; GitHub gives 30 weeks at the first reading.
    """
    if not rows:
        return {}
    since = max(row["snapshot_date"] for row in rows) - timedelta(days=days)
    found: dict[int, list[tuple[date, int, str]]] = {row["repo_id"]: [] for row in rows}
    for day in reading.rows("star_days", ids=list(found), since=since):
        found[day["repo_id"]].append((day["star_date"], day["stars_gained"], day["source"]))
    return found


def releases_of(reading: Reading, row: Row, as_of: date | None) -> list[Row]:
    """The releases that still stand, up to a day, newest first."""
    return reading.rows("repo_releases", repo_id=row["repo_id"], as_of=as_of)


def last_release(reading: Reading, row: Row, releases: Sequence[Row]) -> str | None:
    """The newest release in words; None when nothing was ever read of releases."""
    if releases:
        newest = releases[0]
        kind = "Last pre-release" if newest["is_prerelease"] else "Last release"
        return f"{kind}: {shown(newest['tag'], 60)}, {newest['published_at']:%-d %b %Y}"
    read = reading.row("repo_releases_read", repo_id=row["repo_id"])
    if read is None:
        return None
    if read["outcome"] == "unknown":
        return f"Releases not known: {shown(read['reason'] or 'no answer', 120)}"
    return "No release in the last 90 days"


def by_week(days: Sequence[tuple[date, int, str]]) -> dict[date, int]:
    """Stars gained per week of seven days that end with the newest one; whole weeks only."""
    if not days:
        return {}
    newest = days[-1][0]
    weeks: dict[int, list[int]] = {}
    for day, gained, _ in days:
        weeks.setdefault((newest - day).days // 7, []).append(gained)
    return {
        date.fromordinal(newest.toordinal() - 7 * back): sum(values)
        for back, values in sorted(weeks.items(), reverse=True)
        if len(values) == 7
    }
