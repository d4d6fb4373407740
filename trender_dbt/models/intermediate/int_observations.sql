{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id', 'as_of'], 'unique': True},
        {'columns': ['as_of']},
    ],
    pre_hook="{{ delete_touched('as_of') }}",
    post_hook=[
        "create index if not exists int_observations_rejected on {{ this }} (repo_id)
         where reject_reasons <> '{}'",
        "create index if not exists int_observations_awaiting on {{ this }} (awaited_raw_file_id)
         where awaited_raw_file_id is not null",
        "{{ analyze_when_new() }}",
        "{{ record_progress() }}",
    ],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}

-- Every moment a repository was seen, with the best knowledge of that moment: what GitHub's
-- repository object said, and the newest reading of each other stream at or before it.

{% set activity_hours = var('activity_max_age_hours') %}
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
    from {{ log_rows('repos') }}
    cross join {{ ref('int_build_scope') }} as scope
    where
        log.stream = 'repos'
        and log.outcome = 'found'
        and log.raw_id is not null
        and log.id <= scope.through_fetch_id
    order by log.repo_id, log.as_of, log.id desc
),

with_readings as materialized (
    select
        found.*,
        ---------- activity
        case
            when commits_reading.raw_id is not null then commits.total_count
        end as commits_last_7_days,
        case
            when commits_reading.raw_id is null
                then {{ missing_reason('commits', activity_hours) }}
        end as commits_reason,
        case
            when issues_reading.raw_id is not null
                then {{ events_in_window('issues', 'issues_reading.as_of') }}
        end as issues_closed_last_7_days,
        case
            when issues_reading.raw_id is null
                then {{ missing_reason('issues', activity_hours) }}
        end as issues_reason,
        case
            when contributors_reading.raw_id is not null
                then {{ events_in_window('contributors', 'contributors_reading.as_of') }}
        end as active_contributors,
        case
            when contributors_reading.raw_id is null
                then {{ missing_reason('contributors', activity_hours) }}
        end as contributors_reason,
        coalesce(commits.is_truncated, false)
        or coalesce(issues.is_truncated, false)
        or coalesce(contributors.is_truncated, false) as activity_is_truncated,
        ---------- star history
        stars_reading.raw_id as star_history_raw_id,
        (stars_reading.as_of at time zone 'America/Los_Angeles')::date - 1 as star_window_end,
        case
            when stars_reading.raw_id is null
                then {{ missing_reason('stars', star_hours) }}
        end as star_history_reason,
        ---------- files
        blueprint_reading.raw_id as blueprint_raw_file_id,
        case
            when blueprint_reading.outcome = 'absent' then 'absent'
            else coalesce(blueprint_reading.blueprint_status, 'unknown')
        end as blueprint_status,
        case
            when blueprint_reading.outcome = 'absent' then blueprint_reading.reason
            when blueprint_reading.outcome is null
                then coalesce(latest_finding.blueprint_reason, {{ missing_files_reason() }})
            else blueprint_reading.blueprint_reason
        end as blueprint_reason,
        case
            when nextjs_reading.outcome = 'absent' then 'no'
            else coalesce(nextjs_reading.nextjs_verdict, 'unknown')
        end as nextjs_verdict,
        case
            when nextjs_reading.outcome = 'absent'
                then coalesce(nextjs_reading.reason, 'the repository holds no files')
            when nextjs_reading.outcome is null
                then coalesce(latest_finding.nextjs_reason, {{ missing_files_reason() }})
            else nextjs_reading.nextjs_reason
        end as nextjs_reason,
        nextjs_reading.raw_id as nextjs_raw_file_id,
        case
            when readme_reading.outcome = 'absent' then false
            else readme_reading.has_deploy_button
        end as has_deploy_button,
        case
            when readme_reading.outcome = 'absent' then false
            else readme_reading.readme_mentions_render
        end as readme_mentions_render,
        readme_reading.raw_id as readme_raw_file_id,
        case
            when files_reading.raw_id is not null and latest_finding.raw_file_id is null
                then files_reading.raw_id
        end as awaited_raw_file_id,
        ---------- ages of what was asked, for the timeliness of our data
        commits_attempt.outcome is not null as commits_asked,
        issues_attempt.outcome is not null as issues_asked,
        contributors_attempt.outcome is not null as contributors_asked,
        stars_attempt.outcome is not null as stars_asked,
        files_attempt.outcome is not null as files_asked,
        commits_reading.raw_id is not null as commits_known,
        issues_reading.raw_id is not null as issues_known,
        contributors_reading.raw_id is not null as contributors_known
    from found
    {{ reading('commits', activity_hours) }}
    {{ reading('issues', activity_hours) }}
    {{ reading('contributors', activity_hours) }}
    {{ reading('stars', star_hours) }}
    {{ attempt('commits') }}
    {{ attempt('issues') }}
    {{ attempt('contributors') }}
    {{ attempt('stars') }}
    {{ attempt('files') }}
    left join lateral (
        select log.raw_id
        from {{ source('raw', 'fetch_log') }} as log
        where
            log.repo_id = found.repo_id
            and log.stream = 'files'
            and log.outcome = 'found'
            and log.as_of <= found.as_of
            and log.id <= found.through_fetch_id
        order by log.as_of desc, log.id desc
        limit 1
    ) as files_reading on true
    left join {{ ref('stg_github__file_findings') }} as latest_finding
        on files_reading.raw_id = latest_finding.raw_file_id
    {{ known_finding('blueprint_reading', "finding.blueprint_status <> 'unknown'") }}
    {{ known_finding('nextjs_reading', "finding.nextjs_verdict <> 'unknown'") }}
    {{ known_finding('readme_reading', "finding.has_deploy_button is not null") }}
    left join {{ ref('stg_github__activity') }} as commits
        on commits_reading.raw_id = commits.raw_id
    left join {{ ref('stg_github__activity') }} as issues
        on issues_reading.raw_id = issues.raw_id
    left join {{ ref('stg_github__activity') }} as contributors
        on contributors_reading.raw_id = contributors.raw_id
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
        num_nonnulls(
            nullif(repository.has_texts, false),
            nullif(repository.has_language, false),
            nullif(repository.has_license, false),
            nullif(repository.has_topics, false),
            nullif(repository.has_default_branch, false),
            nullif(repository.has_pushed_at, false)
        ) as nullable_fields_known
    from with_readings as reading
    cross join lateral (
        -- Parses the one row that is needed, never the whole raw table.
        select * from {{ ref('stg_github__repositories') }} as source
        where source.raw_id = reading.raw_id
        offset 0
    ) as repository
),

with_sources as materialized (
    select
        parsed.*,
        found_by.sources,
        found_by.discovered_by,
        found_by.first_seen_at,
        found_by.is_render_source,
        found_by.is_employee_source,
        competes.pool,
        competes.requires_nextjs
    from parsed
    left join lateral (
        select
            array_agg(distinct origin.source order by origin.source) as sources,
            coalesce(
                array_agg(distinct origin.discovered_by order by origin.discovered_by)
                filter (where origin.discovered_by <> ''), '{}'
            ) as discovered_by,
            min(origin.first_as_of) as first_seen_at,
            bool_or(origin.source <> all({{ language_slugs() }})) as is_render_source,
            bool_or(origin.source = 'employees') as is_employee_source
        from {{ ref('int_repo_sources') }} as origin
        where origin.repo_id = parsed.repo_id and origin.first_as_of <= parsed.as_of
    ) as found_by on true
    left join lateral (
        -- Listed by several languages: the one GitHub calls its own, else the newest listing.
        select
            tracked.language_slug as pool,
            tracked.requires_nextjs
        from {{ ref('int_repo_sources') }} as origin
        inner join {{ tracked_languages() }}
            as tracked (
                language_slug, language_name, requires_nextjs
            )
            on origin.source = tracked.language_slug
        where origin.repo_id = parsed.repo_id and origin.first_as_of <= parsed.as_of
        order by
            (tracked.language_name = parsed.language) desc,
            origin.first_as_of desc,
            tracked.language_slug
        limit 1
    ) as competes on true
),

with_star_days as materialized (
    select
        parsed.*,
        -- Gains of the 28 complete days before the reading, newest first; NULL where unknown.
        case
            when parsed.star_history_raw_id is not null then array(
                select
                    case
                        when
                            parsed.star_window_end - number.days_ago
                            < (parsed.created_at at time zone 'America/Los_Angeles')::date
                            then 0
                        else known.stars_gained
                    end
                from generate_series(0, 27) as number (days_ago)
                left join
                    {{ star_days('history.weeks', after='(parsed.star_window_end - 27)') }} as known
                    on known.star_date = parsed.star_window_end - number.days_ago
                order by number.days_ago
            )
        end as daily_gains
    from with_sources as parsed
    left join {{ source('raw', 'raw_star_history') }} as history
        on parsed.star_history_raw_id = history.id
),

with_verdicts as materialized (
    select
        observation.*,
        {{ gain_of_days('observation.daily_gains', 1) }} as stars_retained_1d,
        {{ gain_of_days('observation.daily_gains', 7) }} as stars_retained_7d,
        {{ gain_of_days('observation.daily_gains', 28) }} as stars_retained_28d,
        case observation.blueprint_status
            when 'unknown' then null
            when 'valid' then true
            else false
        end as uses_render,
        array_remove(array[
            case
                when observation.stars is null then
                    'stars is not a whole number from 0 to 2^53: '
                    || coalesce(left(observation.stars_json::text, 40), 'missing')
            end,
            case
                when coalesce(observation.repo_full_name, '') !~ '^[^/[:space:]]+/[^/[:space:]]+$'
                    then 'repository name is missing or not owner/name'
            end,
            case
                when coalesce(observation.repo_url, '') !~ '^https?://[^[:space:]]+$'
                    then 'url is missing or not http(s)'
            end,
            case
                when observation.created_at is null
                    then 'createdAt is missing, unreadable or outside the years 1970 to 2199'
            end,
            case
                when observation.created_at > observation.as_of + interval '1 day'
                    then 'createdAt is in the future'
            end,
            case
                when observation.created_at < '2005-01-01T00:00:00Z'
                    then 'createdAt is before 2005'
            end,
            case
                when observation.database_id is distinct from observation.repo_id
                    then 'databaseId differs from the repository asked for'
            end
        ], null) as reject_reasons
    from with_star_days as observation
),

with_categories as (
    select
        observation.*,
        case
            when
                lower(observation.owner_login)
                = any({{ text_array(lowered(var('official_orgs'))) }})
                then 'official'
            when
                lower(observation.owner_login) = any({{ text_array(lowered(var('employees'))) }})
                or observation.is_employee_source
                then 'employee'
            when observation.uses_render and observation.has_deploy_button
                then 'blueprint'
            when
                observation.uses_render
                or observation.has_deploy_button
                or observation.readme_mentions_render
                then 'community'
            when observation.is_render_source then 'uncategorised'
        end as render_category
    from with_verdicts as observation
),

with_quality as (
    select
        observation.*,
        -- Known is known: zero stars or no description is an answer, not a gap.
        (
            num_nonnulls(
                observation.repo_full_name, observation.repo_url, observation.created_at,
                observation.updated_at, observation.stars, observation.forks,
                observation.watchers, observation.open_issues
            )
            + observation.nullable_fields_known
            + observation.commits_known::integer
            + observation.issues_known::integer
            + observation.contributors_known::integer
            + (observation.stars_retained_7d is not null)::integer
            + (observation.blueprint_status <> 'unknown')::integer
        )::float8 / (
            14
            + observation.commits_asked::integer
            + observation.issues_asked::integer
            + observation.contributors_asked::integer
            + (observation.stars_asked or observation.stars_retained_7d is not null)::integer
            + (observation.files_asked or observation.blueprint_status <> 'unknown')::integer
        ) as dq_completeness,
        (
            coalesce(
                observation.repo_full_name ~ '^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$', false
            )::integer
            + coalesce(
                right(lower(observation.repo_url), length(observation.repo_full_name))
                = lower(observation.repo_full_name), false
            )::integer
            + (
                observation.homepage_url is null or observation.homepage_url !~* '^[a-z]+:'
                or observation.homepage_url ~* '^https?://'
            )::integer
            + coalesce(observation.created_at <= observation.as_of, false)::integer
            + coalesce(observation.updated_at >= observation.created_at, false)::integer
            + coalesce(
                observation.updated_at <= observation.as_of + interval '1 day', false
            )::integer
            + (
                observation.pushed_at is null
                or observation.pushed_at <= observation.as_of + interval '1 day'
            )::integer
            + coalesce(observation.stars >= 0, false)::integer
            + coalesce(observation.forks >= 0, false)::integer
            + coalesce(cardinality(observation.topics) <= 20, false)::integer
        )::float8 / 10 as dq_validity,
        -- How current our own answers are, each against the age its use allows.
        (
            (observation.fetched_at <= observation.as_of + interval '3 hours')::integer
            + observation.commits_known::integer
            + observation.issues_known::integer
            + observation.contributors_known::integer
            + (observation.star_history_raw_id is not null)::integer
        )::float8 / (
            1
            + observation.commits_asked::integer
            + observation.issues_asked::integer
            + observation.contributors_asked::integer
            + observation.stars_asked::integer
        ) as dq_timeliness
    from with_categories as observation
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
from with_quality
