{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id', 'as_of'], 'unique': True},
        {'columns': ['as_of']},
    ],
    pre_hook="{{ delete_touched('as_of') }}",
    post_hook=[
        "{{ named_index('rejected', \"(repo_id) where reject_reasons <> '{}'\") }}",
        "{{ named_index(
            'awaiting', '(awaited_raw_file_id) where awaited_raw_file_id is not null'
        ) }}",
        "{{ analyze_when_new() }}",
        "{{ record_progress() }}",
    ],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}

-- Every moment a repository was seen, with the best knowledge of that moment: what GitHub's
-- repository object said, and the newest reading of each other stream at or before it.

{% set star_hours = var('star_history_max_age_hours') %}

with found as (
    select distinct on (log.repo_id, log.as_of)
        log.repo_id,
        log.as_of,
        log.id as fetch_log_id,
        log.raw_id,
        log.run_id,
        log.fetched_at,
        scope.through_fetch_id
    from {{ log_rows('repos', 'found') }}
    where log.raw_id is not null
    order by log.repo_id asc, log.as_of asc, log.id desc
),

with_readings as materialized (
    select
        found.*,
        {{ activity_counts() }},
        {{ file_verdicts() }},
        stars_reading.raw_id as star_history_raw_id,
        (stars_reading.as_of at time zone 'America/Los_Angeles')::date - 1 as star_window_end,
        {{ missing_reason('stars', star_hours) }} as star_history_reason,
        stars_attempt.outcome is not null as stars_asked,
        stars_counted.raw_id as history_repo_raw_id
    from found
    {{ activity_readings() }}
    {{ reading('stars', star_hours) }}
    {{ attempt('stars') }}
    {{ newest_answer(
        'stars_counted', 'repos', "log.outcome = 'found' and log.as_of <= stars_reading.as_of"
    ) }}
    {{ file_readings() }}
),

parsed as materialized (
    select
        reading.*,
        repository.node_id,
        repository.database_id,
        repository.repo_full_name,
        repository.owner_login,
        repository.name,
        repository.repo_url,
        repository.description,
        repository.homepage_url,
        repository.language,
        repository.license_spdx,
        repository.default_branch,
        repository.topics,
        repository.stars_json,
        repository.stars,
        repository.forks,
        repository.watchers,
        repository.open_issues,
        repository.open_pull_requests,
        repository.is_archived,
        repository.is_disabled,
        repository.is_empty,
        repository.is_fork,
        repository.is_mirror,
        repository.is_template,
        repository.created_at,
        repository.updated_at,
        repository.pushed_at,
        {{ nullable_fields_known() }} as nullable_fields_known,
        counted.stars as stars_at_history
    from with_readings as reading
    cross join lateral (
        -- Parses the one row that is needed, never the whole raw table.
        select source.* from {{ ref('stg_github__repositories') }} as source
        where source.raw_id = reading.raw_id
        offset 0
    ) as repository
    left join
        lateral (
            select source.stars from {{ ref('stg_github__repositories') }} as source
            where source.raw_id = reading.history_repo_raw_id
            offset 0
        ) as counted
        on reading.history_repo_raw_id <> reading.raw_id
),

with_sources as materialized (
    select
        observation.*,
        found_by.sources,
        found_by.discovered_by,
        found_by.first_seen_at,
        found_by.is_render_source,
        found_by.is_employee_source,
        competes.pool,
        competes.requires_nextjs
    from parsed as observation
    {{ found_by() }}
    {{ competes() }}
),

with_star_days as materialized (
    select
        observation.*,
        case
            when observation.star_history_raw_id is not null
                then {{ daily_gains('history.weeks') }}
        end as daily_gains
    from with_sources as observation
    left join {{ ref('stg_github__star_history') }} as history
        on observation.star_history_raw_id = history.raw_id
),

with_listed_gains as materialized (
    select
        observation.*,
        {{ gain_of_days('observation.daily_gains', 1) }} as listed_1d,
        {{ gain_of_days('observation.daily_gains', 7) }} as listed_7d,
        {{ gain_of_days('observation.daily_gains', 28) }} as listed_28d
    from with_star_days as observation
),

compared as materialized (
    select
        observation.*,
        {{ star_disagreement() }} as star_disagreement
    from with_listed_gains as observation
),

with_verdicts as materialized (
    select
        observation.*,
        {{ agreed_gain(1) }} as stars_retained_1d,
        {{ agreed_gain(7) }} as stars_retained_7d,
        {{ agreed_gain(28) }} as stars_retained_28d,
        case observation.blueprint_status
            when 'unknown' then null
            when 'valid' then true
            else false
        end as uses_render,
        {{ reject_reasons() }} as reject_reasons
    from compared as observation
),

judged as (
    select
        observation.*,
        {{ render_category() }} as render_category,
        {{ dq_completeness() }} as dq_completeness,
        {{ dq_validity() }} as dq_validity,
        {{ dq_timeliness() }} as dq_timeliness
    from with_verdicts as observation
)

select
    ---------- ids
    repo_id,
    as_of,
    fetch_log_id,
    raw_id,
    run_id,
    node_id,
    reject_reasons,

    ---------- texts
    repo_full_name,
    owner_login,
    name,
    repo_url,
    description,
    homepage_url,
    language,
    pool,
    requires_nextjs,
    topics,
    license_spdx,
    default_branch,

    ---------- GitHub's counts
    stars,
    forks,
    watchers,
    open_issues,
    open_pull_requests,

    ---------- flags
    is_archived,
    is_disabled,
    is_empty,
    is_fork,
    is_mirror,
    is_template,

    ---------- activity of seven days
    commits_last_7_days,
    commits_reason,
    issues_closed_last_7_days,
    issues_reason,
    active_contributors,
    contributors_reason,
    activity_is_truncated,

    ---------- star history
    star_history_raw_id,
    star_window_end,
    daily_gains,
    stars_retained_1d,
    stars_retained_7d,
    stars_retained_28d,
    case
        when star_disagreement is not null then star_disagreement
        when stars_retained_7d is not null then null
        when star_history_raw_id is null then star_history_reason
        else 'stars: the history does not cover the 7 days to ' || star_window_end
    end as star_history_reason,

    ---------- files
    blueprint_status,
    blueprint_reason,
    blueprint_raw_file_id,
    uses_render,
    nextjs_verdict,
    nextjs_reason,
    nextjs_raw_file_id,
    has_deploy_button,
    readme_mentions_render,
    readme_raw_file_id,
    awaited_raw_file_id,

    ---------- provenance
    sources,
    discovered_by,
    is_render_source,
    render_category,
    first_seen_at,

    ---------- quality of our data
    0.4 * dq_completeness + 0.3 * dq_validity + 0.3 * dq_timeliness as data_quality_score,
    dq_completeness,
    dq_validity,
    dq_timeliness,

    ---------- timestamps
    created_at,
    updated_at,
    pushed_at,
    fetched_at
from judged
