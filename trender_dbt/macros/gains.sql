{% macro gain_of_days(daily_gains, days) -%}
    {#- The sum of the newest days of a daily array, or NULL when one of them is unknown. -#}
    (
        select case when count(day.gain) = {{ days }} then sum(day.gain)::bigint end
        from unnest(({{ daily_gains }})[1:{{ days }}]) as day (gain)
    )
{%- endmacro %}

{% macro star_disagreement() -%}
    {#- Why the star history of the row `observation` does not describe the stars it has: NULL when
        it does. The history may be hours older than the count. A repository that was private for
        an hour, or lost bought stars, would otherwise gain more than it has. -#}
    case
        when {{ is_fall('observation.stars_at_history', 'observation.stars') }}
            then
                'stars disagree: ' || observation.stars || ' now, '
                || observation.stars_at_history || ' when the star history was read'
        {%- for days in [28, 7, 1] %}
        when {{ is_fall('observation.listed_' ~ days ~ 'd', 'observation.stars') }}
            then
                'stars disagree: ' || observation.stars || ' now, '
                || observation.listed_{{ days }}d || ' gained in {{ days }} days by the star history'
        {%- endfor %}
    end
{%- endmacro %}

{% macro is_fall(before, now) -%}
    {#- More than people who take a star back explain: ten of them, or one in a hundred.
        `repositories_due_for_stars` reads the history again by the same measure. -#}
    {{ before }} - {{ now }} > greatest(10, {{ before }} / 100)
{%- endmacro %}

{% macro agreed_gain(days) -%}
    {#- The gain by the star history, where it agrees with the stars; never more than there are. -#}
    case
        when observation.star_disagreement is null and observation.listed_{{ days }}d is not null
            then least(observation.listed_{{ days }}d, observation.stars)
    end
{%- endmacro %}

{% macro stars_disagree() -%}
    {#- Whether the gain of the row `observation` is unknown until the history is read again: the
        net of a fall is no trend either. -#}
    coalesce(observation.star_history_reason like 'stars disagree: %', false)
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
