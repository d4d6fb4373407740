"""A past for a warehouse, written in SQL: what nobody would wait for GitHub to say.

Define here rows that a benchmark needs and no run has fetched. What is measured with them belongs
to the benchmarks.
"""

from __future__ import annotations

from datetime import datetime

from machinery import (
    Database,
)

from trender_assets.warehouse.connect import connect

STAR_HISTORIES = """
with made as (
    insert into raw.raw_star_history (
        source, repo_id, repo_full_name, weeks, payload_sha256, fetch_timestamp, run_id
    )
    select distinct on (raw.repo_id) raw.source, raw.repo_id, raw.repo_full_name, weeks.weeks,
        md5(raw.repo_id::text), %(as_of)s, 'history'
    from raw.raw_github_repos as raw
    cross join (
        select jsonb_agg(
            jsonb_build_object(
                'week', extract(epoch from week.start)::bigint, 'total', 21,
                'days', '[3, 3, 3, 3, 3, 3, 3]'::jsonb
            ) order by week.start desc
        ) as weeks
        from generate_series(0, 29) as n
        cross join lateral (
            select (date_trunc('week', %(as_of)s::timestamptz + interval '1 day')
                - interval '1 day' - n * interval '7 days') at time zone 'UTC'
                at time zone 'UTC' as start
        ) as week
    ) as weeks
    order by raw.repo_id, raw.id desc
    returning id, source, repo_id, repo_full_name
)
insert into raw.fetch_log (
    run_id, stream, source, repo_id, repo_full_name, outcome, raw_id, as_of, fetched_at
)
select 'history', 'stars', source, repo_id, repo_full_name, 'found', id, %(as_of)s, %(as_of)s
from made
"""
HISTORY_REPOSITORIES = """
with newest as (
    select distinct on (repo_id) * from raw.raw_github_repos
    where run_id <> 'history' order by repo_id, id desc
),
made as (
    insert into raw.raw_github_repos (
        source, source_type, source_language, repo_id, node_id, repo_full_name, api_response,
        payload_sha256, fetch_timestamp, run_id
    )
    select source, source_type, source_language, repo_id, node_id, repo_full_name,
        jsonb_set(
            api_response, '{stargazerCount}',
            to_jsonb(greatest((api_response ->> 'stargazerCount')::bigint - 3 * day, 0))
        ),
        md5(repo_id || ' ' || day), %(as_of)s - make_interval(days => day), 'history'
    from newest cross join generate_series(%(days)s, 1, -1) as day
    order by day desc, repo_id
    returning id, source, repo_id, repo_full_name, fetch_timestamp
)
insert into raw.fetch_log (
    run_id, stream, source, repo_id, repo_full_name, outcome, raw_id, as_of, fetched_at
)
select 'history', 'repos', source, repo_id, repo_full_name, 'found', id, seen.at, seen.at
from made
cross join lateral (
    select fetch_timestamp + hours * interval '1 hour' as at
    from unnest('{0, 8, 16}'::int[]) as hours
) as seen
order by seen.at, repo_id
"""
HISTORY_METRICS = """
with newest as (
    select distinct on (repo_id, metric_type) * from raw.raw_repo_metrics
    where run_id <> 'history' order by repo_id, metric_type, id desc
),
made as (
    insert into raw.raw_repo_metrics (
        source, repo_id, repo_full_name, metric_type, metric_data, window_start, window_end,
        is_truncated, payload_sha256, fetch_timestamp, run_id
    )
    select source, repo_id, repo_full_name, metric_type,
        case metric_type
            when 'commits' then '{"branch": "main", "totalCount": 0, "nodes": []}'::jsonb
            when 'issues' then '{"hasIssuesEnabled": true, "nodes": []}'::jsonb
            else '{"nodes": []}'::jsonb
        end,
        window_start - make_interval(days => day), window_end - make_interval(days => day),
        false, md5(repo_id || ' ' || metric_type || ' ' || day),
        %(as_of)s - make_interval(days => day), 'history'
    from newest cross join generate_series(%(days)s, 1, -1) as day
    order by day desc, repo_id
    returning id, source, repo_id, repo_full_name, metric_type, fetch_timestamp
)
insert into raw.fetch_log (
    run_id, stream, source, repo_id, repo_full_name, outcome, raw_id, as_of, fetched_at
)
select 'history', metric_type, source, repo_id, repo_full_name, 'found', id, fetch_timestamp,
    fetch_timestamp
from made
"""


def seed_star_histories(base: Database, as_of: datetime) -> None:
    """Thirty weeks of three stars a day for every repository read."""
    with connect(base.url) as connection:
        connection.execute(STAR_HISTORIES, {"as_of": as_of})


def seed_history(base: Database, as_of: datetime, days: int) -> None:
    """A changed answer a day, seen three times that day, and its three metrics once."""
    with connect(base.url) as connection:
        connection.execute(HISTORY_REPOSITORIES, {"as_of": as_of, "days": days})
        connection.execute(HISTORY_METRICS, {"as_of": as_of, "days": days})
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
