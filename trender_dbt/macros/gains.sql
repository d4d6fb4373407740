{% macro gain_of_days(daily_gains, days) -%}
    {#- The sum of the newest days of a daily array, or NULL when one of them is unknown. -#}
    (
        select case when count(day.gain) = {{ days }} then sum(day.gain)::bigint end
        from unnest(({{ daily_gains }})[1:{{ days }}]) as day (gain)
    )
{%- endmacro %}

{% macro earlier_stars(name, days) -%}
    {#- Lateral: our own newest observation at least so many days, and at most a day more, ago. -#}
    left join lateral (
        select
            earlier.stars,
            earlier.as_of
        from {{ ref('int_observations') }} as earlier
        where
            earlier.repo_id = observation.repo_id
            and earlier.as_of <= observation.as_of - interval '{{ days }} days'
            and earlier.as_of >= observation.as_of - interval '{{ days + 1 }} days'
            and earlier.reject_reasons = '{}'
        order by earlier.as_of desc
        limit 1
    ) as {{ name }} on true
{%- endmacro %}
