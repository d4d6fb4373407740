{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id'], 'unique': True},
        {'columns': ['language']},
        {'columns': ['pool']},
        {'columns': ['updated_at']},
    ],
    pre_hook="{{ delete_touched() }}",
    post_hook=[
        "{{ named_index('name', '(lower(repo_full_name))') }}",
        "{{ analyze_when_new() }}",
        "{{ record_progress() }}",
    ],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}
-- depends_on: {{ ref('int_observations') }}

-- The latest accepted knowledge of each repository, one row each, those that are gone included.

with repositories as (
    {% if is_incremental() %}
        select repo_id from {{ ref('int_touched_repositories') }}
    {% else %}
    select distinct repo_id from {{ ref('int_observations') }}
    {% endif %}
),

latest as (
    select observation.*
    from repositories
    cross join lateral (
        select seen.*
        from {{ ref('int_observations') }} as seen
        where seen.repo_id = repositories.repo_id and seen.reject_reasons = '{}'
        order by seen.as_of desc
        limit 1
    ) as observation
),

gains as (
    select
        observation.*,
        observation.stars - week_ago.stars as stars_net_7d,
        {{ stars_disagree() }} as stars_disagree
    from latest as observation
    {{ earlier_stars('week_ago', 7) }}
)

select
    ---------- ids
    gains.repo_id,
    gains.node_id,
    gains.repo_full_name,
    gains.owner_login,
    gains.name,
    gains.repo_url,

    ---------- texts
    gains.description,
    gains.homepage_url,
    gains.language,
    gains.pool,
    gains.topics,
    gains.license_spdx,
    gains.default_branch,

    ---------- counts
    gains.stars,
    gains.forks,
    gains.watchers,
    gains.open_issues,
    gains.open_pull_requests,

    ---------- flags
    gains.is_archived,
    gains.is_fork,
    gains.is_template,
    gains.is_empty,
    gains.is_disabled,

    ---------- activity
    gains.commits_last_7_days,
    gains.commits_reason,
    gains.issues_closed_last_7_days,
    gains.issues_reason,
    gains.active_contributors,
    gains.contributors_reason,
    gains.activity_is_truncated,

    ---------- stars gained
    case
        when not gains.stars_disagree then coalesce(gains.stars_retained_7d, gains.stars_net_7d)
    end as stars_gained_7d,
    case
        when gains.stars_disagree then null
        when gains.stars_retained_7d is not null then 'github_history'
        when gains.stars_net_7d is not null then 'own_snapshots'
    end as stars_gained_7d_source,
    gains.star_history_reason as stars_gained_7d_reason,

    ---------- files
    gains.uses_render,
    blueprint.render_yaml_content,
    readme.readme_content,
    gains.nextjs_verdict,
    gains.nextjs_reason,
    nextjs.nextjs_evidence,

    ---------- provenance
    gains.sources,
    gains.discovered_by,
    gains.is_render_source,
    gains.render_category,

    ---------- quality of our data
    gains.data_quality_score,
    gains.dq_completeness,
    gains.dq_validity,
    gains.dq_timeliness,

    ---------- availability
    coalesce(newest.availability, 'available') as availability,
    missing.since as unavailable_since,
    case when newest.availability is not null then newest.reason end as unavailable_reason,

    ---------- timestamps
    gains.created_at,
    gains.updated_at,
    gains.pushed_at,
    gains.first_seen_at,
    gains.as_of as observed_at,
    gains.as_of,
    gains.fetched_at as loaded_at,

    ---------- evidence
    gains.blueprint_status,
    gains.blueprint_reason,
    gains.blueprint_raw_file_id,
    gains.nextjs_raw_file_id,
    gains.readme_raw_file_id,
    gains.has_deploy_button,
    gains.readme_mentions_render
from gains
left join lateral (
    -- The newest answer about the repository itself; found by any source in a run is found.
    select
        log.reason,
        case when log.outcome = 'absent' then {{ availability_of('log.reason') }} end
            as availability
    from {{ ref('stg_fetch_log') }} as log
    cross join {{ ref('int_build_scope') }} as scope
    where
        log.repo_id = gains.repo_id
        and log.stream = 'repos'
        and log.outcome in ('found', 'absent')
        and log.id <= scope.through_fetch_id
    order by log.as_of desc, log.outcome = 'found' desc, log.id desc
    limit 1
) as newest on true
left join lateral (
    select min(log.as_of) as since
    from {{ ref('stg_fetch_log') }} as log
    cross join {{ ref('int_build_scope') }} as scope
    where
        newest.availability is not null
        and log.repo_id = gains.repo_id
        and log.stream = 'repos'
        and log.outcome = 'absent'
        and log.as_of > gains.as_of
        and log.id <= scope.through_fetch_id
) as missing on true
left join {{ ref('stg_github__files') }} as blueprint
    on gains.blueprint_raw_file_id = blueprint.raw_file_id
left join {{ ref('stg_github__files') }} as readme
    on gains.readme_raw_file_id = readme.raw_file_id
left join {{ ref('stg_github__file_findings') }} as nextjs
    on gains.nextjs_raw_file_id = nextjs.raw_file_id
