{{ config(severity='warn') }}

{% set limits = {
    'commits': var('activity_max_age_hours'),
    'issues': var('activity_max_age_hours'),
    'contributors': var('activity_max_age_hours'),
    'stars': var('star_history_max_age_hours'),
    'files': var('star_history_max_age_hours'),
} %}

select
    expected.stream,
    newest.as_of
from {{ ref('int_build_scope') }} as scope
cross join (
    values
    {% for stream, hours in limits.items() %}
        ('{{ stream }}', interval '{{ hours }} hours'){{ ',' if not loop.last }}
    {% endfor %}
) as expected (stream, max_age)
cross join
    lateral (
        select max(log.as_of) as as_of
        from {{ source('raw', 'fetch_log') }} as log
        where log.stream = expected.stream and log.outcome = 'found'
    ) as newest
where
    scope.newest_observation_as_of is not null
    and coalesce(newest.as_of < scope.as_of - expected.max_age, true)
