"""`/repo/{owner}/{name}`: one repository, its numbers, and why it is where it is.

Define here the page, its tabs and its twins. What is known of a repository is gathered by
`trender_web.pages.repository.data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from trender_web.answer.answers import (
    REVALIDATE,
    Twin,
    config_of,
    csv_answer,
    from_reading,
    html_answer,
    json_answer,
)
from trender_web.answer.errors import Problem, needs_data
from trender_web.answer.formats import exact, plural
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.answer.params import AsOf, Days, Name, Owner, once
from trender_web.answer.text import repository_path, shown
from trender_web.data.store import Reading, Row
from trender_web.drawing.diagram import service_diagram
from trender_web.drawing.figure import Figure
from trender_web.drawing.lines import Series, line_figure
from trender_web.pages.methodology.data import metrics
from trender_web.pages.repository import deploy
from trender_web.pages.repository.data import (
    HISTORY_COLUMNS,
    added,
    arithmetic,
    by_week,
    find_repository,
    language_of,
    last_release,
    measured_on,
    percentiles,
    public,
    releases_of,
    similar,
    star_lines,
    why_sentence,
)
from trender_web.pages.trending.view import momentum_bar, rank_change

router = APIRouter(tags=["repositories"], dependencies=[once])
AnyText = Annotated[str, Path()]
Tab = Literal["overview", "history", "render", "similar", "embed"]
YEAR = 365
MOST_DAYS = 3650
SOURCES = {
    "github_history": "GitHub’s own history (stars still held, by the day they were given)",
    "own_snapshots": "the difference of our own counts",
}


@router.get("/repo/{owner}/{name}.json", responses=JSON_ANSWER)
@from_reading
def as_json(
    request: Request, reading: Reading, owner: Owner, name: Name, as_of: AsOf = None,
    days: Days = 30,
) -> Response:  # fmt: skip
    """A repository with its newest numbers (or a past day's), its history and its services."""
    if _is_whole_name(reading, owner, f"{name}.json"):
        return _page(request, reading, owner, f"{name}.json", "overview", None)
    row = find_repository(reading, owner, name)
    if as_of:
        row = measured_on(reading, row, as_of)
    data = {
        **public(row),
        "why": why_sentence(row, percentiles(reading, row), language_of(reading, row)),
        "history": reading.rows("repo_history", repo_id=row["repo_id"], as_of=as_of, days=days),
        "star_days": [
            {"day": day, "stars_gained": gained, "source": source}
            for day, gained, source in star_lines(reading, [row])[row["repo_id"]]
        ],
        "releases": releases_of(reading, row, as_of),
        "render": reading.row("repo_enrichment", repo_id=row["repo_id"]),
    }
    return json_answer(request, reading, data, source="analytics.repositories_current")


@router.get("/repo/{owner}/{name}.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(
    request: Request, reading: Reading, owner: Owner, name: Name, as_of: AsOf = None,
    days: Days = MOST_DAYS,
) -> Response:  # fmt: skip
    """A repository's history as CSV: one row per day, newest first."""
    if _is_whole_name(reading, owner, f"{name}.csv"):
        return _page(request, reading, owner, f"{name}.csv", "overview", None)
    row = find_repository(reading, owner, name)
    history = reading.rows("repo_history", repo_id=row["repo_id"], as_of=as_of, days=days)
    return csv_answer(reading, history, HISTORY_COLUMNS, name=f"{owner}-{name}")


@router.get("/repo/{owner}/{name}", include_in_schema=False)
@from_reading
def page(
    request: Request,
    reading: Reading,
    owner: AnyText,
    name: AnyText,
    tab: Annotated[Tab, Query()] = "overview",
    as_of: AsOf = None,
) -> Response:
    """The page of a repository."""
    needs_data(reading)
    return _page(request, reading, owner, name, tab, as_of)


def _is_whole_name(reading: Reading, owner: str, name: str) -> bool:
    """A repository may be called ``package.json``: its page comes before another one's twin."""
    needs_data(reading)
    return reading.row("repo_by_name", name=f"{owner}/{name}") is not None


def _page(
    request: Request, reading: Reading, owner: str, name: str, tab: Tab, as_of: date | None
) -> Response:
    row = find_repository(reading, owner, name)
    if as_of:
        row = measured_on(reading, row, as_of)
    config = config_of(request)
    path = repository_path(row["repo_full_name"])
    enrichment = reading.row("repo_enrichment", repo_id=row["repo_id"])
    language = language_of(reading, row)
    shares = percentiles(reading, row)
    releases = releases_of(reading, row, as_of)
    tabs = _tabs(path, tab, as_of, has_render=enrichment is not None)
    if tab == "render" and enrichment is None:
        raise Problem(404, "No Render section", "Nothing in this repository points to Render.",
                      suggestions=[(path, row["repo_full_name"])])  # fmt: skip
    values: Row = {
        "row": row, "tab": tab, "tabs": tabs, "language": language,
        "why": why_sentence(row, shares, language),
        "steps": arithmetic(row), "parts_sum": added(row), "enrichment": enrichment,
        "bar": momentum_bar(row), "change": rank_change(row, reading.row("days") or {}),
        "metrics": _metric_rows(row), "releases": releases,
        "last_release": last_release(reading, row, releases),
        "github": deploy.repository_url(config.github_url, row["repo_full_name"]),
        "as_of": as_of, "path": path, "shares": shares,
    }  # fmt: skip
    values |= _tab_values(request, reading, tab, row, enrichment, as_of)
    if tab == "overview":
        values["figures"] = [star_figure(star_lines(reading, [row])[row["repo_id"]], releases)]
    return html_answer(
        request, reading, "repository.html",
        title=row["repo_full_name"], section=None, card=f"/card/repo/{row['repo_full_name']}.png",
        description=f"{row['repo_full_name']}: {row['description'] or 'no description'}",
        canonical=tabs[tab]["href"], cache_control=REVALIDATE,
        robots="noindex" if row["availability"] != "available" else None,
        twins=[
            Twin(f"{path}.csv", "text/csv", "History (CSV)"),
            Twin(f"{path}.json", "application/json", "Everything (JSON)"),
        ],
        **values,
    )  # fmt: skip


def _tab_values(
    request: Request,
    reading: Reading,
    tab: Tab,
    row: Row,
    enrichment: Row | None,
    as_of: date | None,
) -> Row:
    values: Row = {"figures": [], "others": [], "snippets": [], "diagram": None, "links": {}}
    if tab == "history":
        history = reading.rows("repo_history", repo_id=row["repo_id"], as_of=as_of, days=YEAR)
        values["figures"] = history_figures(history)
    elif tab == "similar":
        values["others"] = similar(reading, row)
    elif tab == "embed":
        values["snippets"] = deploy.snippets(config_of(request).base_url, row["repo_full_name"])
    elif tab == "render" and enrichment is not None:
        github = config_of(request).github_url
        services, databases = enrichment["services"] or [], enrichment["databases"] or []
        values["diagram"] = service_diagram(services, databases)
        values["links"] = {
            "blueprint": deploy.blueprint_url(
                github, row["repo_full_name"], enrichment["blueprint_path"]
            ),
            "deploy": deploy.deploy_url(github, row["repo_full_name"]),
        }
    return values


def _tabs(path: str, current: Tab, as_of: date | None, *, has_render: bool) -> dict[str, Row]:
    labels: list[tuple[Tab, str]] = [
        ("overview", "Overview"), ("history", "History"), ("render", "Render"),
        ("similar", "Similar"), ("embed", "Embed"),
    ]  # fmt: skip
    tabs: dict[str, Row] = {}
    for key, label in labels:
        if key == "render" and not has_render and current != "render":
            continue
        pairs = [("tab", key)] if key != "overview" else []
        pairs += [("as_of", str(as_of))] if as_of else []
        tabs[key] = {"label": label, "href": f"{path}?{urlencode(pairs)}" if pairs else path}
    return tabs


def _metric_rows(row: Row) -> list[Row]:
    """Every metric with its value, definition, source and the reason it is missing."""
    reasons = {
        "stars_gained_1d": row["stars_gained_7d_reason"],
        "stars_gained_7d": row["stars_gained_7d_reason"],
        "stars_gained_28d": row["stars_gained_7d_reason"],
        "commits_last_7_days": row["commits_reason"],
        "issues_closed_last_7_days": row["issues_reason"],
        "active_contributors": row["contributors_reason"],
    }
    missing = row["momentum_reason"]
    return [
        {
            "metric": metric,
            "value": row.get(metric.column),
            "reason": reasons.get(metric.column) or missing,
            "source": SOURCES.get(row["stars_gained_7d_source"])
            if metric.column.startswith("stars_gained")
            else None,
        }
        for metric in metrics()
        if metric.column in row
    ]


def star_figure(days: Sequence[tuple[date, int, str]], releases: Sequence[Row] = ()) -> Figure:
    """Stars gained per whole week, with the source in its sentence and the releases as marks."""
    weeks = by_week(days)
    source = days[-1][2] if days else None
    total = sum(weeks.values())
    if len(weeks) < 2:
        summary = "There are too few days of star history to draw yet."
    else:
        summary = (
            f"{plural(total, 'star')} gained in {plural(len(weeks), 'week')}; the best week had "
            f"{exact(max(weeks.values()))}. Source: {SOURCES.get(str(source), source)}."
        )
    marks = [(item["published_at"].date(), item["tag"]) for item in releases]
    inside = [tag for day, tag in marks if len(weeks) > 1 and min(weeks) <= day <= max(weeks)]
    if inside:
        named = ", ".join(shown(tag, 40) for tag in inside[:3])
        summary += f" {plural(len(inside), 'release')} marked: {named}"
        summary += f" and {len(inside) - 3} more." if len(inside) > 3 else "."
    return line_figure(
        "Stars gained per week", summary, [Series("Stars gained", weeks)], unit="stars a week",
        marks=marks,
    )  # fmt: skip


def history_figures(history: Sequence[Row]) -> list[Figure]:
    """Rank, momentum and stars over the days of a history."""

    def series(label: str, column: str) -> Series:
        return Series(label, {row["snapshot_date"]: row[column] for row in history})

    days = plural(len(history), "day")
    ranks: list[Any] = [row["rank_overall"] for row in history if row["rank_overall"] is not None]
    best = f"the best was number {min(ranks)}" if ranks else "it was never ranked"
    return [
        line_figure(
            "Rank over time", f"Rank on {days} that were observed; {best}. Small is up.",
            [series("Overall", "rank_overall"), series("In its language", "rank_in_language")],
            unit="rank", upside_down=True,
        ),
        line_figure(
            "Momentum over time", f"Momentum on {days}, with and without the Render boost.",
            [series("Momentum", "momentum_score"), series("Without boost", "momentum_unboosted")],
            unit="momentum",
        ),
        line_figure(
            "Stars over time", f"Stars counted on {days}.", [series("Stars", "stars")],
            unit="stars",
        ),
    ]  # fmt: skip
