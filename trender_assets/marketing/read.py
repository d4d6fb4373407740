"""What the marketing assets read from the analytics tables.

Define here the queries whose rows become cards, stories, drafts and comparisons. What is said
about the rows belongs to `marketing/`, storing the result to `warehouse/marketing_tables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from trender_assets.marketing.monthly import MonthFacts, Riser
from trender_assets.marketing.periods import Period
from trender_assets.marketing.platforms import PLATFORMS, FrameRow
from trender_assets.marketing.stories import Candidate, Criteria

CURVE_DAYS = 28
TOP_RISERS = 10
Row = dict[str, Any]


def newest_as_of(connection: psycopg.Connection) -> datetime | None:
    """Time of the newest observation, or None while there is none (or no model was ever built)."""
    built = connection.execute("select to_regclass('analytics.fact_repo_snapshots')").fetchone()
    if built is None or built[0] is None:
        return None
    row = connection.execute(
        """
        select max(as_of) from analytics.fact_repo_snapshots
        where snapshot_date = (select max(snapshot_date) from analytics.fact_repo_snapshots)
        """
    ).fetchone()
    return row[0] if row else None


def card_rows(connection: psycopg.Connection) -> list[Row]:
    """Every repository that gets a card: ranked ones and all that have to do with Render."""
    return _rows(
        connection,
        """
        select current_repo.*, showcase.repo_id is not null as is_showcased,
            (select count(*) from analytics.repositories_current where is_ranked) as ranked_count
        from analytics.repositories_current as current_repo
        left join analytics.analytics_render_showcase as showcase
            on current_repo.repo_id = showcase.repo_id
        where current_repo.availability = 'available'
            and (current_repo.rank_in_language <= 100 or showcase.repo_id is not null)
        order by current_repo.momentum_score desc nulls last, current_repo.stars desc,
            current_repo.repo_id
        """,
    )


def curves(
    connection: psycopg.Connection, repo_ids: Sequence[int], day: date
) -> dict[int, tuple[int | None, ...]]:
    """Stars gained on each of the 28 days before a day, by one source per repository."""
    rows = _rows(
        connection,
        """
        with days as (
            select repo_id, star_date, stars_gained, source,
                bool_or(source = 'github_history') over (partition by repo_id) as has_history
            from analytics.fact_star_days
            where repo_id = any(%(ids)s) and star_date >= %(day)s::date - %(count)s::integer
                and star_date < %(day)s::date
        )
        select repo_id, star_date, stars_gained from days
        where source = case when has_history then 'github_history' else 'own_snapshots' end
        """,
        {"ids": list(repo_ids), "day": day, "count": CURVE_DAYS},
    )
    found: dict[int, dict[date, int]] = {}
    for row in rows:
        found.setdefault(row["repo_id"], {})[row["star_date"]] = row["stars_gained"]
    days = [day - timedelta(days=back) for back in range(CURVE_DAYS, 0, -1)]
    # The day that GitHub's calendar has not completed yet is the last one and never known.
    return {
        repo_id: _trimmed(tuple(gains.get(each) for each in days))
        for repo_id, gains in found.items()
    }


def _trimmed(days: tuple[int | None, ...]) -> tuple[int | None, ...]:
    while days and days[-1] is None:
        days = days[:-1]
    return days


def story_candidates(
    connection: psycopg.Connection, criteria: Criteria, as_of: datetime
) -> list[Candidate]:
    """Render projects with enough stars, and their stars at the beginning of the window."""
    rows = _rows(
        connection,
        """
        with bounds as (
            select max(star_date) + 1 as end_day from analytics.fact_star_days
            where source = 'github_history'
                and star_date < (%(as_of)s at time zone 'America/Los_Angeles')::date
        ),
        frame as (
            select coalesce(end_day, %(as_of)s::date) as end_day,
                coalesce(end_day, %(as_of)s::date) - %(days)s::integer as first_day
            from bounds
        )
        select showcase.repo_id, showcase.repo_full_name, showcase.repo_url, showcase.owner_login,
            showcase.homepage_url, showcase.language, showcase.render_category, showcase.stars,
            showcase.momentum_score, showcase.render_services, showcase.service_count,
            showcase.database_count, showcase.as_of, frame.first_day, frame.end_day,
            history.gained as history_gain, base.stars as observed_base
        from analytics.analytics_render_showcase as showcase
        cross join frame
        left join lateral (
            select case when count(*) = %(days)s then sum(stars_gained)::bigint end as gained
            from analytics.fact_star_days as star_days
            where star_days.repo_id = showcase.repo_id and star_days.source = 'github_history'
                and star_days.star_date >= frame.first_day
                and star_days.star_date < frame.end_day
        ) as history on true
        left join analytics.fact_repo_snapshots as base
            on showcase.repo_id = base.repo_id and base.snapshot_date = frame.first_day
        where showcase.uses_render and showcase.availability = 'available'
            and showcase.stars >= %(minimum)s
        order by showcase.momentum_score desc nulls last, showcase.repo_id
        """,
        {"as_of": as_of, "days": criteria.growth_days, "minimum": criteria.minimum_stars},
    )
    return [
        Candidate(**{**row, "render_services": tuple(row["render_services"] or ())}) for row in rows
    ]


def platform_frame(connection: psycopg.Connection) -> list[FrameRow]:
    """The frame of the platform comparison: repositories followed for their language."""
    rows = _rows(
        connection,
        """
        select current_repo.repo_id, current_repo.pool, current_repo.stars, found.platforms
        from analytics.repositories_current as current_repo
        left join lateral (
            select findings.deployment -> 'platforms' as platforms
            from staging.repo_file_findings as findings
            where findings.repo_id = current_repo.repo_id
            order by findings.raw_file_id desc limit 1
        ) as found on true
        where current_repo.pool is not null and current_repo.is_current
            and not current_repo.is_fork and not current_repo.is_archived
        order by current_repo.repo_id
        """,
    )
    return [
        FrameRow(row["repo_id"], row["pool"], row["stars"], _answers(row["platforms"]))
        for row in rows
    ]


def _answers(platforms: Any) -> dict[str, bool | None]:
    known = platforms if isinstance(platforms, dict) else {}
    return {name: known[name] if isinstance(known.get(name), bool) else None for name in PLATFORMS}


def month_facts(
    connection: psycopg.Connection, period: Period, as_of: datetime
) -> MonthFacts | None:
    """What the facts say of a month, up to `as_of`; None when it has no day."""
    values = {"start": period.start, "end": period.end, "limit": TOP_RISERS}
    totals = _rows(
        connection,
        """
        with month as (
            select * from analytics.fact_repo_snapshots
            where snapshot_date between %(start)s and %(end)s
        )
        select max(snapshot_date) as through, max(as_of) as as_of,
            count(distinct repo_id) as repositories,
            count(distinct repo_id) filter (where uses_render) as render_repositories,
            (select min(snapshot_date) from analytics.fact_repo_snapshots) as first_day,
            (select count(*) from (
                select repo_id from analytics.fact_repo_snapshots
                where snapshot_date <= %(end)s group by repo_id
                having min(snapshot_date) >= %(start)s
            ) as first_seen) as new_repositories
        from month
        """,
        values,
    )[0]
    if totals["through"] is None:
        return None
    values["end"] = min(period.end, totals["through"])
    risers = _rows(connection, RISERS, values)
    services = _rows(
        connection,
        """
        select service_type, count(distinct repo_id) as repositories
        from analytics.fact_render_usage
        where snapshot_date between %(start)s and %(end)s and service_type not like 'unknown:%%'
        group by service_type order by repositories desc, service_type
        """,
        values,
    )
    known = {row["is_total"]: row for row in risers}.get(True)
    return MonthFacts(
        period=period, through=values["end"], repositories=totals["repositories"],
        render_repositories=totals["render_repositories"],
        new_repositories=totals["new_repositories"],
        repositories_with_gains=known["repositories"] if known else 0,
        stars_gained=known["gained"] if known else 0,
        risers=tuple(_riser(row) for row in risers if not row["is_total"]),
        services={row["service_type"]: row["repositories"] for row in services},
        is_first_month=totals["first_day"] >= period.start,
        as_of=min(as_of, totals["as_of"]),
    )  # fmt: skip


RISERS: LiteralString = """
with days as (
    select repo_id, stars_gained, source,
        bool_or(source = 'github_history') over (partition by repo_id) as has_history
    from analytics.fact_star_days where star_date between %(start)s and %(end)s
),
sums as (
    select repo_id, min(source) as source, sum(stars_gained)::bigint as gained
    from days
    where source = case when has_history then 'github_history' else 'own_snapshots' end
    group by repo_id
),
strongest as (
    select sums.*, last_day.stars, last_day.uses_render, version.repo_full_name,
        version.repo_url, version.description, version.language
    from sums
    inner join lateral (
        select * from analytics.fact_repo_snapshots as snapshot
        where snapshot.repo_id = sums.repo_id and snapshot.snapshot_date <= %(end)s
            and snapshot.snapshot_date >= %(start)s
        order by snapshot.snapshot_date desc limit 1
    ) as last_day on true
    inner join analytics.dim_repositories as version on last_day.repo_key = version.repo_key
    where not version.is_fork and sums.gained > 0 and not exists (
        select 1 from staging.stg_repos_validated as known
        where known.repo_id = sums.repo_id and known.availability <> 'available'
    )
    order by sums.gained desc, last_day.stars desc, sums.repo_id limit %(limit)s
)
select true as is_total, null::bigint as repo_id, null as source,
    coalesce(sum(gained), 0)::bigint as gained, count(*) as repositories, null::bigint as stars,
    null::boolean as uses_render, null as repo_full_name, null as repo_url, null as description,
    null as language
from sums
union all
select false, repo_id, source, gained, null, stars, uses_render, repo_full_name, repo_url,
    description, language
from strongest
order by is_total, gained desc, stars desc, repo_id
"""


def _riser(row: Row) -> Riser:
    return Riser(
        repo_id=row["repo_id"], repo_full_name=row["repo_full_name"], repo_url=row["repo_url"],
        description=row["description"], language=row["language"],
        uses_render=bool(row["uses_render"]), gained=row["gained"], source=row["source"],
        stars=row["stars"],
    )  # fmt: skip


def _rows(
    connection: psycopg.Connection, query: LiteralString, values: dict[str, Any] | None = None
) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
