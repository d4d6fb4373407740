{#- The as-of rule: an observation uses the newest reading of a stream at or before its own as_of.

    A failed attempt never hides an older answer; only its reason is told when the answer is too
    old to use. GitHub's word that there is nothing (absent) is an answer too, one without a raw
    row, and hides older ones. -#}

{% macro newest_answer(name, stream, condition=none) -%}
    {#- Lateral: a stream's newest row of the log as of the row `found`. -#}
    left join lateral (
        select
            log.outcome,
            log.reason,
            log.raw_id,
            log.as_of
        from {{ ref('stg_fetch_log') }} as log
        where
            log.repo_id = found.repo_id
            and log.stream = '{{ stream }}'
            and log.as_of <= found.as_of
            and log.id <= found.through_fetch_id
            {% if condition %}and {{ condition }}{% endif %}
        order by log.as_of desc, log.id desc
        limit 1
    ) as {{ name }} on true
{%- endmacro %}

{% macro reading(stream, max_age_hours) -%}
    {#- The newest answer that is still young enough. -#}
    {{ newest_answer(
        stream ~ '_reading', stream,
        "log.outcome in ('found', 'absent')"
        " and log.as_of >= found.as_of - interval '" ~ max_age_hours ~ " hours'"
    ) }}
{%- endmacro %}

{% macro attempt(stream) -%}
    {#- The newest attempt, whatever came of it. -#}
    {{ newest_answer(stream ~ '_attempt', stream) }}
{%- endmacro %}

{% macro missing_reason(stream, max_age_hours) -%}
    {#- Why there is no reading of a stream; NULL when there is one. -#}
    case
        when {{ stream }}_reading.raw_id is not null then null
        when {{ stream }}_attempt.outcome is null then '{{ stream }}: not asked yet'
        when {{ stream }}_attempt.outcome = 'found'
            then '{{ stream }}: last answer is older than {{ max_age_hours }} hours'
        else '{{ stream }}: ' || coalesce(
            {{ stream }}_attempt.reason, {{ stream }}_attempt.outcome
        )
    end
{%- endmacro %}
