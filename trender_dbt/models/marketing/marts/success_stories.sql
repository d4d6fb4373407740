{{ config(
    incremental_strategy='delete+insert',
    unique_key=['period_start', 'repo_id'],
    pre_hook="delete from {{ this }} where period_start = {{ month_of(newest_day()) }}
        and criteria <> {{ story_criteria() }}",
) }}

{%- set stars_query %}
    select stars from analytics.fact_repo_snapshots_hourly where repo_id = %s
    and as_of = %L::timestamptz
{%- endset %}
{%- set history_query %}
    select sum(stars_gained)::bigint from analytics.fact_star_days where repo_id = %s
    and source = 'github_history' and star_date >= %L::date and star_date < %L::date
{%- endset %}
{%- set observed_query %}
    select newest.stars - base.stars from analytics.fact_repo_snapshots_hourly as newest
    inner join analytics.fact_repo_snapshots as base on newest.repo_id = base.repo_id
    where newest.repo_id = %s and newest.as_of = %L::timestamptz
    and base.snapshot_date = %L::date
{%- endset %}
{%- set services_query %}
    select service_count, database_count from analytics.render_enrichment where repo_id = %s
{%- endset %}
{%- set growth_days = var('story_growth_days') %}

-- Render projects that grew by the criteria, each sentence with its evidence. A project that met
-- them once in a month stays, with the time of its evidence; those of other criteria go.

with newest as (
    select {{ newest_as_of() }} as as_of
),

windows as (
    -- Ends with the last day that GitHub's calendar, which is Los Angeles', has completed.
    select
        {{ month_of("newest.as_of at time zone 'UTC'") }} as period_start,
        coalesce(
            (
                select max(star_days.star_date) + 1
                from {{ ref('fact_star_days') }} as star_days
                where
                    star_days.source = 'github_history'
                    and star_days.star_date
                    < (newest.as_of at time zone 'America/Los_Angeles')::date
            ),
            (newest.as_of at time zone 'UTC')::date
        ) as end_day
    from newest
),

candidates as (
    select
        showcase.*,
        windows.period_start,
        windows.end_day,
        windows.end_day - {{ growth_days }} as first_day,
        history.gained is not null as has_history,
        coalesce(showcase.stars - history.gained, base.stars) as base_stars
    from {{ ref('analytics_render_showcase') }} as showcase
    cross join windows
    cross join
        lateral (
            -- Known only when every day of the window is.
            select
                case
                    when count(*) = {{ growth_days }} then sum(day.stars_gained)::bigint
                end as gained
            from {{ ref('fact_star_days') }} as day
            where
                day.repo_id = showcase.repo_id
                and day.source = 'github_history'
                and day.star_date >= windows.end_day - {{ growth_days }}
                and day.star_date < windows.end_day
        ) as history
    left join {{ ref('fact_repo_snapshots') }} as base
        on
            showcase.repo_id = base.repo_id
            and windows.end_day - {{ growth_days }} = base.snapshot_date
    where
        showcase.uses_render
        and showcase.availability = 'available'
        and showcase.stars >= {{ var('story_minimum_stars') }}
),

grown as (
    select
        *,
        stars - base_stars as gained,
        (stars - base_stars)::float8 / base_stars * 100 as growth_pct
    from candidates
    where base_stars >= {{ [var('story_minimum_base'), 1] | max }}
),

met as (
    select
        *,
        to_char(growth_pct, 'FM999,999,999,990') || ' %' as growth
    from grown
    where growth_pct >= {{ var('story_growth_percent') }}
),

said as (
    select
        repo_id,
        as_of,
        1 as place,
        repo_full_name || ' has ' || {{ several('stars', 'star') }} || ' on GitHub.' as told,
        {{ query_text(stars_query, ['repo_id', utc_iso('as_of')]) }} as query,
        jsonb_build_array(stars) as numbers,
        '/repo/' || repo_full_name as link
    from met
    union all
    select
        repo_id,
        as_of,
        2 as place,
        'It gained ' || {{ several('gained', 'star') }} || ' in the {{ growth_days }} days from '
        || first_day || ' on, by '
        || case when has_history then 'GitHub''s star history' else 'our own counts' end
        || ': ' || growth || ' of the ' || {{ count_text('base_stars') }}
        || ' it had before.' as told,
        case
            when has_history
                then {{ query_text(history_query, ['repo_id', 'first_day', 'end_day']) }}
            else {{ query_text(observed_query, ['repo_id', utc_iso('as_of'), 'first_day']) }}
        end as query,
        jsonb_build_array(gained) as numbers,
        '/repo/' || repo_full_name || '?tab=history' as link
    from met
    union all
    select
        repo_id,
        as_of,
        3 as place,
        'Its render.yaml declares ' || {{ several('service_count', 'service') }} || case
            when database_count = 0 then ''
            else ' and ' || {{ several('database_count', 'database') }}
        end || '.' as told,
        {{ query_text(services_query, ['repo_id']) }} as query,
        jsonb_build_array(service_count, database_count) as numbers,
        '/repo/' || repo_full_name || '?tab=render' as link
    from met
    where service_count is not null and database_count is not null
),

proofs as (
    select
        repo_id,
        jsonb_agg(
            {{ claim('told', 'query', 'numbers', 'as_of', 'link') }} order by place
        ) as sentences
    from said
    group by repo_id
)

select
    met.period_start,
    met.repo_id,
    met.repo_full_name,
    met.repo_url,
    met.render_category,
    met.language,
    met.stars,
    met.base_stars,
    met.first_day as base_date,
    case when met.has_history then 'github_history' else 'own_snapshots' end as base_source,
    met.growth_pct,
    {{ growth_days }} as growth_days,
    met.momentum_score,
    coalesce(met.render_services, '{}') as render_services,
    met.service_count,
    met.owner_login,
    met.homepage_url,
    met.repo_full_name || ' grew by ' || met.growth || ' in {{ growth_days }} days, from '
    || {{ count_text('met.base_stars') }} || ' to ' || {{ count_text('met.stars') }}
    || ' stars' as headline,
    proofs.sentences,
    {{ story_criteria() }} as criteria,
    met.as_of,
    {{ written_by() }} as run_id
from met
inner join proofs on met.repo_id = proofs.repo_id
