{{ config(severity='warn') }}

with expected as (
    select
        stream,
        case age_setting
            {% for setting in ('activity_max_age_hours', 'star_history_max_age_hours') %}
                when '{{ setting }}' then interval '{{ var(setting) }} hours'
            {% endfor %}
        end as max_age
    from {{ source('raw', 'streams') }}
    where age_setting is not null
)

select
    expected.stream,
    newest.as_of
from {{ ref('int_build_scope') }} as scope
cross join expected
cross join
    lateral (
        select max(log.as_of) as as_of
        from {{ source('raw', 'fetch_log') }} as log
        where log.stream = expected.stream and log.outcome = 'found'
    ) as newest
where
    scope.newest_observation_as_of is not null
    and coalesce(newest.as_of < scope.as_of - expected.max_age, true)
