{#- What the newest answers about commits, closed issues and commit authors count up to.

    The seven days end where an answer was read, not where it is used. -#}

{% macro activity_readings() -%}
    {#- Laterals: the reading of each of the three, the newest attempt, and the answer itself. -#}
    {%- for stream in ['commits', 'issues', 'contributors'] %}
    {{ reading(stream, var('activity_max_age_hours')) }}
    {{ attempt(stream) }}
    left join {{ ref('stg_github__activity') }} as {{ stream }}
        on {{ stream }}_reading.raw_id = {{ stream }}.raw_id
    {%- endfor %}
{%- endmacro %}

{% macro activity_counts() -%}
    {#- The columns that the readings of `activity_readings` give an observation. -#}
    {%- for stream, count, name in [
        ('commits', 'commits.total_count', 'commits_last_7_days'),
        ('issues', events_in_window('issues'), 'issues_closed_last_7_days'),
        ('contributors', events_in_window('contributors'), 'active_contributors'),
    ] %}
    case when {{ stream }}_reading.raw_id is not null then {{ count }} end as {{ name }},
    {{ missing_reason(stream, var('activity_max_age_hours')) }} as {{ stream }}_reason,
    {{ stream }}_attempt.outcome is not null as {{ stream }}_asked,
    {{ stream }}_reading.raw_id is not null as {{ stream }}_known,
    {%- endfor %}
    coalesce(commits.is_truncated, false)
    or coalesce(issues.is_truncated, false)
    or coalesce(contributors.is_truncated, false) as activity_is_truncated
{%- endmacro %}

{% macro events_in_window(stream) -%}
    {#- How many moments of an answer lie in the seven days before it was read. -#}
    (
        select count(*)
        from unnest({{ stream }}.event_times) as event (happened_at)
        where event.happened_at >= {{ stream }}_reading.as_of - interval '7 days'
    )
{%- endmacro %}
