{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id'], 'unique': True},
        {'columns': ['pool', 'rank_in_language']},
    ],
    pre_hook="{{ delete_all_rows() }}",
    post_hook="{{ named_index('name', '(lower(repo_full_name))') }}",
) }}

-- Each repository's latest snapshot beside its latest description, ranked among those that are
-- current. What one stream missed today is shown as of when it was last seen, never left out.

with scope as (
    select * from {{ ref('int_build_scope') }}
),

latest as (
    select
        snapshot.*,
        repository.availability = 'available' as is_available,
        max(snapshot.as_of) over (partition by snapshot.pool) as pool_as_of
    from {{ ref('stg_repos_validated') }} as repository
    cross join lateral (
        select daily.*
        from {{ ref('fact_repo_snapshots') }} as daily
        where daily.repo_id = repository.repo_id
        order by daily.snapshot_date desc
        limit 1
    ) as snapshot
),

framed as (
    select
        latest.*,
        latest.is_available
        and latest.as_of
        >= latest.pool_as_of - interval '{{ var("current_within_hours") }} hours' as is_current,
        latest.as_of < scope.as_of - interval '{{ var("stale_after_hours") }} hours' as is_stale,
        scope.as_of as warehouse_as_of
    from latest
    cross join scope
),

competing as (
    select
        snapshot_id,
        repo_id,
        repo_key,
        language_key,
        pool,
        snapshot_date,
        is_complete_day,
        {{ snapshot_measure_columns() | join(',\n        ') }},
        trend_score,
        trend_parts,
        is_ranked and is_current as is_ranked,
        is_current,
        is_stale,
        warehouse_as_of
    from framed
),

ranked as (
    select
        *,
        {{ rank_columns([]) }}
    from competing
)

select
    repository.repo_full_name,
    repository.repo_url,
    repository.owner_login,
    repository.name,
    repository.language,
    repository.description,
    repository.homepage_url,
    repository.topics,
    repository.license_spdx,
    repository.created_at as repo_created_at,
    repository.pushed_at,
    repository.is_archived,
    repository.is_fork,
    repository.render_category,
    repository.sources,
    repository.discovered_by,
    repository.nextjs_reason,
    repository.availability,
    repository.unavailable_since,
    repository.unavailable_reason,
    repository.first_seen_at,
    ranked.*,
    yesterday.rank_overall as previous_rank_overall,
    yesterday.rank_in_language as previous_rank_in_language,
    yesterday.trend_rank_overall as previous_trend_rank_overall,
    yesterday.trend_rank_in_language as previous_trend_rank_in_language,
    ranking.first_ranked_date
from ranked
inner join {{ ref('stg_repos_validated') }} as repository
    on ranked.repo_id = repository.repo_id
left join {{ ref('fact_repo_snapshots') }} as yesterday
    on
        ranked.repo_id = yesterday.repo_id
        and yesterday.snapshot_date = ranked.snapshot_date - 1
left join lateral (
    select past.snapshot_date as first_ranked_date
    from {{ ref('fact_repo_snapshots') }} as past
    where past.repo_id = ranked.repo_id and past.is_ranked
    order by past.snapshot_date
    limit 1
) as ranking on true
