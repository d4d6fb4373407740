{{ config(severity='warn') }}

{% set limits = {
    'commits': var('activity_max_age_hours'),
    'issues': var('activity_max_age_hours'),
    'contributors': var('activity_max_age_hours'),
    'stars': var('star_history_max_age_hours'),
    'files': var('star_history_max_age_hours'),
} %}

with scope as (
    select * from {{ ref('int_build_scope') }}
)

{% for stream, hours in limits.items() %}
    select
        '{{ stream }}' as stream,
        newest.as_of
    from scope
    cross join
        lateral (
            select max(log.as_of) as as_of
            from {{ source('raw', 'fetch_log') }} as log
            where log.stream = '{{ stream }}' and log.outcome = 'found'
        ) as newest
    where
        scope.newest_observation_as_of is not null
        and coalesce(newest.as_of < scope.as_of - interval '{{ hours }} hours', true)
    {{ 'union all' if not loop.last }}
{% endfor %}
