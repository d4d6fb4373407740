"""What the warehouse already knows, read back before GitHub is asked again.

Define here the questions an asset asks of the raw layer and of recent rankings: whom to watch,
which files were read, whose stars are due. Writing belongs to `load`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg


@dataclass(frozen=True)
class KnownRepository:
    """A repository that was seen before.

    Attributes:
        repo_id: GitHub's numeric id.
        node_id: GraphQL's id.
        full_name: Its newest known name.
    """

    repo_id: int
    node_id: str
    full_name: str


@dataclass(frozen=True)
class StoredFiles:
    """The newest stored files of a repository and the raw row that holds them."""

    raw_id: int
    files: dict[str, dict[str, Any]]


def watched_repositories(
    connection: psycopg.Connection, source: str, as_of: datetime, watch_days: int
) -> list[KnownRepository]:
    """Repositories of a source that stay watched although no query may list them today.

    A language's are those ranked in its pool within `watch_days`; a Render source's are those
    it found within `watch_days`. Repositories that GitHub said are gone are left out a week
    after it said so, so that a short absence is noticed when it ends.
    """
    since = as_of - timedelta(days=watch_days)
    ranked = connection.execute("select to_regclass('analytics.fact_repo_snapshots')").fetchone()
    ranked_ids = (
        """
        select distinct repo_id from analytics.fact_repo_snapshots
        where pool = %(source)s and rank_in_language <= 100
            and snapshot_date >= (%(since)s at time zone 'UTC')::date
            and snapshot_date <= (%(as_of)s at time zone 'UTC')::date
        """
        if ranked is not None and ranked[0] is not None
        else "select null::bigint as repo_id where false"
    )
    statement = f"""
    with wanted as (
        {ranked_ids}
        union
        select distinct log.repo_id from raw.fetch_log as log
        where log.stream = 'repos' and log.source = %(source)s and log.outcome = 'found'
            and log.as_of > %(since)s and log.as_of <= %(as_of)s and log.discovered_by <> '{{}}'
            and exists (select 1 from raw.raw_github_repos as raw
                where raw.id = log.raw_id and raw.source_type = 'render_ecosystem')
    ),
    newest as (
        select distinct on (raw.repo_id) raw.repo_id, raw.node_id, raw.repo_full_name
        from raw.raw_github_repos as raw
        inner join wanted on raw.repo_id = wanted.repo_id
        order by raw.repo_id, raw.id desc
    )
    select newest.repo_id, newest.node_id, newest.repo_full_name
    from newest
    left join lateral (
        select log.outcome, log.as_of from raw.fetch_log as log
        where log.repo_id = newest.repo_id and log.stream = 'repos' and log.outcome <> 'unknown'
        order by log.as_of desc, log.id desc limit 1
    ) as last_word on true
    where last_word.outcome is distinct from 'absent'
        or last_word.as_of > %(as_of)s - interval '7 days'
    order by newest.repo_id
    """  # noqa: S608 - the inserted text is one of the two above
    rows = connection.execute(
        statement,  # pyright: ignore[reportArgumentType]
        {"source": source, "since": since, "as_of": as_of},
    ).fetchall()
    return [KnownRepository(*row) for row in rows]


def stored_files(
    connection: psycopg.Connection, repo_ids: Collection[int]
) -> dict[int, StoredFiles]:
    """The newest stored files by repository; repositories never read are absent."""
    rows = connection.execute(
        """
        select distinct on (repo_id) repo_id, id, files
        from raw.raw_repo_files where repo_id = any(%s)
        order by repo_id, id desc
        """,
        [list(repo_ids)],
    ).fetchall()
    return {repo_id: StoredFiles(raw_id, files) for repo_id, raw_id, files in rows}


def repositories_due_for_stars(
    connection: psycopg.Connection, source: str, as_of: datetime, every_hours: int
) -> list[tuple[int, str]]:
    """Repositories of a source's newest reading whose star history was not read lately.

    Returns:
        (repo_id, full name) pairs; a repository is due when no source's attempt found its
        history within `every_hours` before `as_of`, or when a new America/Los_Angeles day
        (the calendar that GitHub's days follow) began since, or when its stars fell since by
        more than dbt's macro `is_fall` takes for noise: until then it is unranked.
    """
    rows = connection.execute(
        """
        with newest as (
            select max(as_of) as as_of from raw.fetch_log
            where stream = 'repos' and source = %(source)s and as_of <= %(as_of)s
        )
        select distinct log.repo_id, log.repo_full_name
        from raw.fetch_log as log
        inner join newest on log.as_of = newest.as_of
        where log.stream = 'repos' and log.source = %(source)s and log.outcome = 'found'
            and not exists (
                select 1 from raw.fetch_log as stars
                where stars.stream = 'stars' and stars.repo_id = log.repo_id
                    and stars.outcome in ('found', 'absent')
                    and stars.as_of <= %(as_of)s
                    and stars.as_of > %(as_of)s - make_interval(hours => %(hours)s)
                    and (stars.as_of at time zone 'America/Los_Angeles')::date
                        = (%(as_of)s at time zone 'America/Los_Angeles')::date
                    and not exists (
                        select 1 from raw.fetch_log as counted
                        inner join raw.raw_github_repos as before on before.id = counted.raw_id
                        inner join raw.raw_github_repos as now on now.id = log.raw_id
                        cross join lateral (select
                            case when jsonb_typeof(before.api_response -> 'stargazerCount')
                                = 'number' then (before.api_response -> 'stargazerCount')::numeric
                            end as stars_before,
                            case when jsonb_typeof(now.api_response -> 'stargazerCount')
                                = 'number' then (now.api_response -> 'stargazerCount')::numeric
                            end as stars_now
                        ) as counts
                        where counted.stream = 'repos' and counted.repo_id = log.repo_id
                            and counted.outcome = 'found' and counted.as_of = stars.as_of
                            and stars_before - stars_now > greatest(10, stars_before / 100)
                    )
            )
        order by log.repo_id
        """,
        {"source": source, "as_of": as_of, "hours": every_hours},
    ).fetchall()
    return [(int(repo_id), str(name)) for repo_id, name in rows]


def newest_star_rows(connection: psycopg.Connection, repo_ids: Collection[int]) -> dict[int, int]:
    """The newest raw_star_history row id by repository."""
    rows = connection.execute(
        "select repo_id, max(id) from raw.raw_star_history where repo_id = any(%s) group by 1",
        [list(repo_ids)],
    ).fetchall()
    return {int(repo_id): int(raw_id) for repo_id, raw_id in rows}


def last_complete_discovery(
    connection: psycopg.Connection, source: str, as_of: datetime
) -> tuple[datetime, int] | None:
    """When a source's queries last all answered, and how many repositories they listed."""
    row = connection.execute(
        """
        select as_of, sum(items_seen)
        from raw.raw_discovery_queries
        where source = %(source)s and as_of < %(as_of)s
        group by as_of, run_id
        having bool_and(outcome <> 'unknown')
        order by as_of desc limit 1
        """,
        {"source": source, "as_of": as_of},
    ).fetchone()
    return None if row is None else (row[0], int(row[1]))
