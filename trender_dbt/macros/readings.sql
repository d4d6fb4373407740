{#- The as-of rule: an observation uses the newest reading of a stream at or before its own as_of.

    A failed attempt never hides an older answer; only its reason is told when the answer is too
    old to use. GitHub's word that there is nothing (absent) is an answer too, one without a raw
    row, and hides older ones. -#}

{% macro reading(stream, max_age_hours) -%}
    {#- Lateral: the newest answer that is still young enough. -#}
    left join lateral (
        select
            log.raw_id,
            log.as_of
        from {{ source('raw', 'fetch_log') }} as log
        where
            log.repo_id = found.repo_id
            and log.stream = '{{ stream }}'
            and log.outcome in ('found', 'absent')
            and log.as_of <= found.as_of
            and log.as_of >= found.as_of - interval '{{ max_age_hours }} hours'
            and log.id <= found.through_fetch_id
        order by log.as_of desc, log.id desc
        limit 1
    ) as {{ stream }}_reading on true
{%- endmacro %}

{% macro attempt(stream) -%}
    {#- Lateral: the newest attempt, whatever came of it. -#}
    left join lateral (
        select
            log.outcome,
            log.reason,
            log.as_of
        from {{ source('raw', 'fetch_log') }} as log
        where
            log.repo_id = found.repo_id
            and log.stream = '{{ stream }}'
            and log.as_of <= found.as_of
            and log.id <= found.through_fetch_id
        order by log.as_of desc, log.id desc
        limit 1
    ) as {{ stream }}_attempt on true
{%- endmacro %}

{% macro missing_reason(stream, max_age_hours) -%}
    case
        when {{ stream }}_attempt.outcome is null then '{{ stream }}: not asked yet'
        when {{ stream }}_attempt.outcome = 'found'
            then '{{ stream }}: last answer is older than {{ max_age_hours }} hours'
        else '{{ stream }}: ' || coalesce(
            {{ stream }}_attempt.reason, {{ stream }}_attempt.outcome
        )
    end
{%- endmacro %}

{% macro events_in_window(readings, as_of) -%}
    {#- How many moments of an answer lie in the seven days before its own as_of. -#}
    (
        select count(*)
        from unnest({{ readings }}.event_times) as event (happened_at)
        where event.happened_at >= {{ as_of }} - interval '7 days'
    )
{%- endmacro %}

{% macro star_days(weeks, after=none) -%}
    {#- A derived table (star_date, stars_gained) of GitHub's weekly buckets.

        A week counts only when it starts on a Sunday, holds seven counts and they add up to its
        total; a week that a shifted page repeats counts once. -#}
    (
        select distinct on (day.star_date)
            day.star_date,
            day.stars_gained
        from (
            select
                week.position,
                bucket.first_day + (count_of_day.day_number - 1)::integer as star_date,
                (count_of_day.number)::numeric::bigint as stars_gained
            from jsonb_array_elements({{ json_array(weeks) }})
                with ordinality as week (bucket, position)
            cross join lateral (
                select
                    case
                        when jsonb_typeof(week.bucket -> 'week') = 'number'
                            then case
                                when
                                    (week.bucket ->> 'week')::numeric
                                    between 1000000000 and 9999999999
                                    then (
                                        to_timestamp((week.bucket ->> 'week')::float8)
                                        at time zone 'UTC'
                                    )::date
                            end
                    end as first_day,
                    {{ json_array("week.bucket -> 'days'") }} as days
            ) as bucket
            cross join lateral (
                select
                    count(*) = 7
                    and count(*) filter (where jsonb_typeof(entry.number) = 'number') = 7
                    and coalesce(
                        sum(
                            case
                                when jsonb_typeof(entry.number) = 'number'
                                    then (entry.number)::numeric
                            end
                        ) = case
                            when jsonb_typeof(week.bucket -> 'total') = 'number'
                                then (week.bucket -> 'total')::numeric
                        end,
                        false
                    )
                    and coalesce(bool_and(
                        case
                            when jsonb_typeof(entry.number) = 'number'
                                then
                                    (entry.number)::numeric between 0 and 2147483647
                                    and (entry.number)::numeric = trunc((entry.number)::numeric)
                            else false
                        end
                    ), false) as is_whole
                from jsonb_array_elements(bucket.days) as entry (number)
            ) as verdict
            cross join lateral jsonb_array_elements(
                case
                    when verdict.is_whole and extract(dow from bucket.first_day) = 0
                        then bucket.days
                    else '[]'::jsonb
                end
            ) with ordinality as count_of_day (number, day_number)
            {% if after %}where bucket.first_day > {{ after }} - 7{% endif %}
        ) as day
        order by day.star_date, day.position
    )
{%- endmacro %}

{% macro known_finding(name, condition) -%}
    {#- Lateral: the newest files answer that knows the matter; unknown never hides known. -#}
    left join lateral (
        select
            log.outcome,
            log.reason,
            log.as_of,
            log.raw_id,
            finding.*
        from {{ source('raw', 'fetch_log') }} as log
        left join lateral (
            select * from {{ ref('stg_github__file_findings') }} as examined
            where examined.raw_file_id = log.raw_id
            offset 0
        ) as finding on true
        where
            log.repo_id = found.repo_id
            and log.stream = 'files'
            and log.as_of <= found.as_of
            and log.id <= found.through_fetch_id
            and (log.outcome = 'absent' or (log.outcome = 'found' and {{ condition }}))
        order by log.as_of desc, log.id desc
        limit 1
    ) as {{ name }} on true
{%- endmacro %}

{% macro missing_files_reason() -%}
    case
        when files_attempt.outcome is null then 'files: not asked yet'
        when files_attempt.outcome = 'found' then 'files: not examined yet'
        else 'files: ' || coalesce(files_attempt.reason, files_attempt.outcome)
    end
{%- endmacro %}

{% macro last_known_text(name, paths, raw_file_id) -%}
    left join lateral (
        select coalesce(
            {%- for path in paths %}
            raw_files.files -> '{{ path }}' ->> 'text'{{ "," if not loop.last }}
            {%- endfor %}
        ) as content
        from {{ source('raw', 'raw_repo_files') }} as raw_files
        where raw_files.id = {{ raw_file_id }}
    ) as {{ name }} on true
{%- endmacro %}
