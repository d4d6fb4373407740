"""Success stories: Render projects that grew, by criteria that can be met and checked.

Define here the criteria and the sentences of a story. A growth is always told with its base and
its window; people are named only by the public login of the repository's owner.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from trender_assets.marketing.evidence import Sentence, count, several, statement

STARS_QUERY = """
select stars from analytics.fact_repo_snapshots_hourly
where repo_id = {repo_id} and as_of = {as_of}
"""
HISTORY_QUERY = """
select sum(stars_gained)::bigint from analytics.fact_star_days
where repo_id = {repo_id} and source = 'github_history'
and star_date >= {first_day} and star_date < {end_day}
"""
OBSERVED_QUERY = """
select newest.stars - base.stars from analytics.fact_repo_snapshots_hourly as newest
inner join analytics.fact_repo_snapshots as base on newest.repo_id = base.repo_id
where newest.repo_id = {repo_id} and newest.as_of = {as_of} and base.snapshot_date = {first_day}
"""
SERVICES_QUERY = """
select service_count, database_count from staging.stg_render_enrichment where repo_id = {repo_id}
"""


@dataclass(frozen=True)
class Criteria:
    """What a project must have shown.

    Attributes:
        minimum_stars: Stars now.
        growth_percent: Stars gained in the window, as per cent of the stars at its beginning.
        growth_days: Length of the window, which ends with the last complete day.
        minimum_base: Stars at the beginning; a growth from almost nothing says nothing.
    """

    minimum_stars: int = 500
    growth_percent: float = 50.0
    growth_days: int = 90
    minimum_base: int = 50

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a jsonb column."""
        return asdict(self)


@dataclass(frozen=True)
class Candidate:
    """A Render project with what is known of its stars at the beginning of the window.

    Attributes:
        history_gain: Stars gained on the window's days by GitHub's history; None unless every
            day of the window is known.
        observed_base: Stars we observed on the window's first day, or None.
        first_day: First day of the window.
        end_day: The day after its last.
    """

    repo_id: int
    repo_full_name: str
    repo_url: str
    owner_login: str | None
    homepage_url: str | None
    language: str | None
    render_category: str | None
    stars: int
    momentum_score: float | None
    render_services: tuple[str, ...]
    service_count: int | None
    database_count: int | None
    history_gain: int | None
    observed_base: int | None
    first_day: date
    end_day: date
    as_of: datetime


@dataclass(frozen=True)
class Story:
    """A candidate that met the criteria, told."""

    candidate: Candidate
    base_stars: int
    base_source: str
    growth_pct: float
    headline: str
    sentences: tuple[Sentence, ...]


def base_of(candidate: Candidate) -> tuple[int, str] | None:
    """Stars at the window's beginning and where they come from; None when not known."""
    if candidate.history_gain is not None:
        return candidate.stars - candidate.history_gain, "github_history"
    if candidate.observed_base is not None:
        return candidate.observed_base, "own_snapshots"
    return None


def tell(candidate: Candidate, criteria: Criteria) -> Story | None:
    """The candidate's story, or None when it does not meet the criteria."""
    base = base_of(candidate)
    if base is None or candidate.stars < criteria.minimum_stars:
        return None
    base_stars, source = base
    if base_stars < max(criteria.minimum_base, 1):
        return None
    gained = candidate.stars - base_stars
    growth = gained / base_stars * 100
    if growth < criteria.growth_percent:
        return None
    headline = (
        f"{candidate.repo_full_name} grew by {growth:.0f} % in {criteria.growth_days} days, "
        f"from {count(base_stars)} to {count(candidate.stars)} stars"
    )
    grew = _growth(candidate, base_stars, source, gained, growth, criteria)
    sentences = (_stars(candidate), grew)
    services = _services(candidate)
    return Story(
        candidate, base_stars, source, growth, headline,
        (*sentences, services) if services else sentences,
    )  # fmt: skip


def _stars(candidate: Candidate) -> Sentence:
    return Sentence(
        text=f"{candidate.repo_full_name} has {several(candidate.stars, 'star')} on GitHub.",
        query=statement(STARS_QUERY, repo_id=candidate.repo_id, as_of=candidate.as_of),
        values=(candidate.stars,),
        as_of=candidate.as_of,
        link=f"/repo/{candidate.repo_full_name}",
    )


def _growth(
    candidate: Candidate, base: int, source: str, gained: int, growth: float, criteria: Criteria
) -> Sentence:
    told = "by GitHub's star history" if source == "github_history" else "by our own counts"
    template = HISTORY_QUERY if source == "github_history" else OBSERVED_QUERY
    values: dict[str, Any] = {"repo_id": candidate.repo_id, "first_day": candidate.first_day}
    values |= (
        {"end_day": candidate.end_day} if source == "github_history" else {"as_of": candidate.as_of}
    )
    return Sentence(
        text=f"It gained {several(gained, 'star')} in the {criteria.growth_days} days from "
        f"{candidate.first_day} on, {told}: {growth:.0f} % of the {count(base)} it had before.",
        query=statement(template, **values),
        values=(gained,),
        as_of=candidate.as_of,
        link=f"/repo/{candidate.repo_full_name}?tab=history",
    )


def _services(candidate: Candidate) -> Sentence | None:
    if candidate.service_count is None or candidate.database_count is None:
        return None
    parts = [several(candidate.service_count, "service")]
    if candidate.database_count:
        parts.append(several(candidate.database_count, "database"))
    return Sentence(
        text=f"Its render.yaml declares {' and '.join(parts)}.",
        query=statement(SERVICES_QUERY, repo_id=candidate.repo_id),
        values=(candidate.service_count, candidate.database_count),
        as_of=candidate.as_of,
        link=f"/repo/{candidate.repo_full_name}?tab=render",
    )
