"""The monthly blog draft: what a month of facts says, each sentence with its evidence.

Define here which sentences a draft has and how it is written in Markdown. Repositories are counted
once, star counts are never summed over days: gains are, because each day's are new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trender_assets.marketing.evidence import (
    Sentence,
    count,
    footnotes,
    markdown_text,
    several,
    statement,
)
from trender_assets.marketing.periods import Period

FRAME_QUERY = """
select count(distinct repo_id), count(distinct repo_id) filter (where uses_render)
from analytics.fact_repo_snapshots where snapshot_date between {start} and {end}
"""
NEW_QUERY = """
select count(*) from (
    select repo_id from analytics.fact_repo_snapshots
    where snapshot_date <= {end} group by repo_id
    having min(snapshot_date) >= {start}
) as first_seen
"""
GAINS_QUERY = """
with days as (
    select star_days.repo_id, star_days.stars_gained, star_days.source,
        bool_or(star_days.source = 'github_history')
            over (partition by star_days.repo_id) as has_history
    from analytics.fact_star_days as star_days
    where star_days.star_date between {start} and {end}
)
select count(distinct repo_id), coalesce(sum(stars_gained), 0)::bigint from days
where source = case when has_history then 'github_history' else 'own_snapshots' end
"""
REPOSITORY_GAIN_QUERY = """
select sum(stars_gained)::bigint from analytics.fact_star_days
where repo_id = {repo_id} and source = {source} and star_date between {start} and {end}
"""
SERVICE_QUERY = """
select count(distinct repo_id) from analytics.fact_render_usage
where service_type = {service} and snapshot_date between {start} and {end}
"""
SOURCES = ("github_history", "own_snapshots")


@dataclass(frozen=True)
class Riser:
    """One repository and the stars it gained in the month, by one source."""

    repo_id: int
    repo_full_name: str
    repo_url: str
    description: str | None
    language: str
    uses_render: bool
    gained: int
    source: str
    stars: int


@dataclass(frozen=True)
class MonthFacts:
    """What the warehouse says of a month.

    Attributes:
        period: The month.
        through: Last day with facts.
        repositories: Distinct repositories observed.
        render_repositories: Those that had a valid Blueprint on at least one of its days.
        new_repositories: Those first observed in it.
        repositories_with_gains: Those whose daily gains are known.
        stars_gained: Their gains, summed over repositories and days.
        risers: The strongest, most stars gained first.
        services: Service type → distinct repositories that declared it.
        is_first_month: Whether observing began in this month, so that "new" says nothing.
        as_of: Time of the newest data used.
    """

    period: Period
    through: Any
    repositories: int
    render_repositories: int
    new_repositories: int
    repositories_with_gains: int
    stars_gained: int
    risers: tuple[Riser, ...]
    services: dict[str, int]
    is_first_month: bool
    as_of: datetime


@dataclass(frozen=True)
class Draft:
    """A finished draft."""

    title: str
    markdown: str
    sentences: tuple[Sentence, ...]
    stats: dict[str, Any]

    @property
    def word_count(self) -> int:
        """Words outside of the evidence."""
        return len(self.markdown.split("\n## Evidence", 1)[0].split())


def write(facts: MonthFacts) -> Draft:
    """The month's draft."""
    month = f"{facts.period.start:%B %Y}"
    is_over = facts.through >= facts.period.end
    title = f"What rose on GitHub in {month}"
    bounds = {"start": facts.period.start, "end": facts.through}
    opening = [_frame(facts, month, is_over, bounds), _gains(facts, bounds)]
    if not facts.is_first_month:
        opening.insert(1, _new(facts, bounds))
    risers = [_riser(facts, riser, bounds) for riser in facts.risers]
    services = [_service(facts, name, number, bounds) for name, number in facts.services.items()]
    sentences = (*opening, *risers, *services)
    return Draft(title, _markdown(title, facts, is_over, opening, risers, services), sentences,
                 _stats(facts))  # fmt: skip


def _frame(facts: MonthFacts, month: str, is_over: bool, bounds: dict[str, Any]) -> Sentence:
    until = "" if is_over else f" (to {facts.through.day} {facts.through:%B})"
    return _claim(
        facts,
        f"In {month}{until} Trender followed "
        f"{several(facts.repositories, 'repository', 'repositories')}; "
        f"{count(facts.render_repositories)} of them had a valid Render Blueprint.",
        statement(FRAME_QUERY, **bounds),
        (facts.repositories, facts.render_repositories),
        "/",
    )


def _new(facts: MonthFacts, bounds: dict[str, Any]) -> Sentence:
    return _claim(
        facts,
        f"{several(facts.new_repositories, 'repository was', 'repositories were')} seen for the "
        "first time.",
        statement(NEW_QUERY, **bounds),
        (facts.new_repositories,),
        "/?new=1",
    )


def _gains(facts: MonthFacts, bounds: dict[str, Any]) -> Sentence:
    return _claim(
        facts,
        f"The {several(facts.repositories_with_gains, 'repository', 'repositories')} whose daily "
        f"stars are known gained {several(facts.stars_gained, 'star')} together.",
        statement(GAINS_QUERY, **bounds),
        (facts.repositories_with_gains, facts.stars_gained),
        "/?window=30d",
    )


def _riser(facts: MonthFacts, riser: Riser, bounds: dict[str, Any]) -> Sentence:
    if riser.source not in SOURCES:
        raise ValueError(f"unknown source of gains: {riser.source}")
    query = REPOSITORY_GAIN_QUERY.replace("{source}", f"'{riser.source}'")
    render = ", a Render project" if riser.uses_render else ""
    return _claim(
        facts,
        f"{riser.repo_full_name} ({riser.language}{render}) gained "
        f"{several(riser.gained, 'star')} and stands at {count(riser.stars)}.",
        statement(query, repo_id=riser.repo_id, **bounds),
        (riser.gained,),
        f"/repo/{riser.repo_full_name}",
    )


def _service(facts: MonthFacts, name: str, number: int, bounds: dict[str, Any]) -> Sentence:
    quoted = "'" + name.replace("'", "''") + "'"
    query = statement(SERVICE_QUERY.replace("{service}", "{{service}}"), **bounds)
    return _claim(
        facts,
        f"{several(number, 'Blueprint declares', 'Blueprints declare')} a service of type {name}.",
        query.replace("{service}", quoted),
        (number,),
        "/render#services",
    )


def _claim(
    facts: MonthFacts, text: str, query: str, values: tuple[int, ...], link: str
) -> Sentence:
    return Sentence(text=text, query=query, values=values, as_of=facts.as_of, link=link)


def _markdown(
    title: str,
    facts: MonthFacts,
    is_over: bool,
    opening: Sequence[Sentence],
    risers: Sequence[Sentence],
    services: Sequence[Sentence],
) -> str:
    number = 0
    lines = [f"# {title}", ""]
    if not is_over:
        lines += [f"*The month is not over: numbers to {facts.through}.*", ""]
    told = []
    for sentence in opening:
        number += 1
        told.append(f"{markdown_text(sentence.text, 600)}[^{number}]")
    lines += [" ".join(told), "", "## The strongest risers", ""]
    for place, (riser, sentence) in enumerate(zip(facts.risers, risers, strict=True), start=1):
        number += 1
        about = f" {markdown_text(riser.description, 160)}" if riser.description else ""
        lines.append(f"{place}. {markdown_text(sentence.text, 400)}[^{number}]{about}")
    if not risers:
        lines.append("No daily gains are known for this month.")
    if services:
        lines += ["", "## What Render Blueprints declare", ""]
        for sentence in services:
            number += 1
            lines.append(f"- {markdown_text(sentence.text, 200)}[^{number}]")
    lines += ["", "## How this was counted", "",
              "Repositories are counted once however many days they were seen. Stars gained are "
              "daily gains of one source per repository, GitHub's own history where there is any. "
              "We follow a bounded sample, so this is what rose among what we follow.", "",
              "## Evidence", "", footnotes((*opening, *risers, *services)), ""]  # fmt: skip
    return "\n".join(lines)


def _stats(facts: MonthFacts) -> dict[str, Any]:
    return {
        "repositories": facts.repositories,
        "render_repositories": facts.render_repositories,
        "new_repositories": None if facts.is_first_month else facts.new_repositories,
        "repositories_with_gains": facts.repositories_with_gains,
        "stars_gained": facts.stars_gained,
        "services": facts.services,
        "through": facts.through.isoformat(),
    }
