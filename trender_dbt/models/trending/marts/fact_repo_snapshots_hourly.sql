{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id', 'snapshot_hour'], 'unique': True},
        {'columns': ['snapshot_hour']},
    ],
    pre_hook="{{ delete_periods('snapshot_hour', touched_hours()) }}",
    post_hook=["{{ analyze_when_new() }}", "{{ record_progress() }}"],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}
-- depends_on: {{ ref('int_observations') }}

-- The last observation of each repository and hour, with the gains and scores of that moment.
-- The scores' formulas live here and nowhere else.

with observation as (
    select distinct on (seen.repo_id, date_trunc('hour', seen.as_of, 'UTC'))
        seen.*,
        date_trunc('hour', seen.as_of, 'UTC') as snapshot_hour
    from {% if is_incremental() -%}
            ({{ touched_hours() }}) as hour (touched)
        cross join lateral (
            select stored.*
            from {{ ref('int_observations') }} as stored
            where
                stored.as_of >= hour.touched
                and stored.as_of < hour.touched + interval '1 hour'
            offset 0
        ) as seen
    {%- else -%}
        {{ ref('int_observations') }} as seen
    {%- endif %}
    where seen.reject_reasons = '{}'
    order by seen.repo_id asc, date_trunc('hour', seen.as_of, 'UTC') asc, seen.as_of desc
),

gains as (
    -- Retained (GitHub's history, unstars taken out of the day they were given) and net (our own
    -- counts, then and now) are two measures; neither is ever mixed into the other.
    select
        observation.*,
        observation.stars - day_ago.stars as stars_net_1d,
        observation.stars - week_ago.stars as stars_net_7d,
        observation.stars - month_ago.stars as stars_net_28d,
        {{ stars_disagree() }} as stars_disagree
    from observation
    {{ earlier_stars('day_ago', 1) }}
    {{ earlier_stars('week_ago', 7) }}
    {{ earlier_stars('month_ago', 28) }}
),

chosen as (
    select
        *,
        case when not stars_disagree then coalesce(stars_retained_1d, stars_net_1d) end
            as stars_gained_1d,
        case when not stars_disagree then coalesce(stars_retained_7d, stars_net_7d) end
            as stars_gained_7d,
        case when not stars_disagree then coalesce(stars_retained_28d, stars_net_28d) end
            as stars_gained_28d,
        case
            when stars_disagree then null
            when stars_retained_7d is not null then 'github_history'
            when stars_net_7d is not null then 'own_snapshots'
        end as stars_gained_7d_source,
        case
            when stars_retained_7d is not null
                then case
                    when
                        star_window_end
                        < (as_of at time zone 'America/Los_Angeles')::date - 1
                        then
                            'the 7 days end on ' || star_window_end || ', the last day GitHub had '
                            || 'completed when its history was read'
                end
            when stars_disagree or stars_net_7d is not null then star_history_reason
            else star_history_reason || '; own snapshots: none of 7 to 8 days ago'
        end as stars_gained_7d_reason
    from gains
),

parts as (
    select
        *,
        stars_gained_7d::float8 / greatest(stars, 1)::float8 * 100 as star_velocity,
        0.4::float8 * commits_last_7_days as activity_commits_part,
        -- Where issues are disabled none can be closed: nothing to add, and nothing unknown.
        0.3::float8 * case
            when issues_reason = 'issues: disabled' then 0 else issues_closed_last_7_days
        end as activity_issues_part,
        0.3::float8 * active_contributors as activity_contributors_part,
        case when uses_render then 1.2::float8 else 1::float8 end as render_boost,
        case
            when created_at < as_of - interval '180 days' then 0.9::float8
            else 1::float8
        end as age_factor
    from chosen
),

scores as (
    select
        *,
        activity_commits_part + activity_issues_part + activity_contributors_part
            as activity_score,
        0.4::float8 * star_velocity as momentum_velocity_part
    from parts
),

momentum as (
    select
        *,
        0.6::float8 * activity_score as momentum_activity_part,
        (momentum_velocity_part + 0.6::float8 * activity_score) * age_factor as momentum_unboosted
    from scores
),

judged as (
    select
        *,
        momentum_unboosted * render_boost as momentum_score,
        nullif(concat_ws(
            '; ',
            case when stars_gained_7d is null then stars_gained_7d_reason end,
            case when commits_last_7_days is null then commits_reason end,
            case
                when issues_closed_last_7_days is null and issues_reason <> 'issues: disabled'
                    then issues_reason
            end,
            case when active_contributors is null then contributors_reason end
        ), '') as momentum_reason,
        nullif(concat_ws(
            '; ',
            case when is_fork then 'fork' end,
            case when is_archived then 'archived' end,
            case when is_disabled then 'disabled' end,
            case
                when requires_nextjs and nextjs_verdict <> 'yes'
                    then 'not known to use Next.js 16 or later (' || nextjs_verdict || ')'
            end
        ), '') as unranked_reason
    from momentum
),

snapshots as (
    select
        {{ surrogate_key(['judged.repo_id', 'extract(epoch from judged.snapshot_hour)']) }}
            as snapshot_id,
        judged.repo_id,
        version.repo_key,
        {{ surrogate_key(['judged.language']) }} as language_key,
        judged.pool,
        judged.snapshot_hour,
        {{ snapshot_measures('judged') }},
        judged.momentum_score is not null and judged.unranked_reason is null as is_ranked
    from judged
    left join {{ ref('dim_repositories') }} as version
        on
            judged.repo_id = version.repo_id
            and judged.as_of >= version.valid_from
            and (version.valid_to is null or judged.as_of < version.valid_to)
),

{{ ranked('snapshots', 'snapshot_hour') }}

select * from ranked
