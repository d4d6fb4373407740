{#- What the newest answers about a repository's files say of it.

    The Blueprint, Next.js and the README each have a reading of their own: a later answer that
    could not tell never hides an earlier one that could. -#}

{% macro file_readings() -%}
    {#- Laterals: the newest attempt, the newest files and what was found in them, and the
        reading of each matter. -#}
    {{ attempt('files') }}
    {{ newest_answer('files_reading', 'files', "log.outcome = 'found'") }}
    left join {{ ref('stg_github__file_findings') }} as latest_finding
        on files_reading.raw_id = latest_finding.raw_file_id
    {{ known_finding('blueprint_reading', "finding.blueprint_status <> 'unknown'") }}
    {{ known_finding('nextjs_reading', "finding.nextjs_verdict <> 'unknown'") }}
    {{ known_finding('readme_reading', "finding.has_deploy_button is not null") }}
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
        from {{ ref('stg_fetch_log') }} as log
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

{% macro file_verdicts() -%}
    {#- The columns that the readings of `file_readings` give an observation. -#}
    blueprint_reading.raw_id as blueprint_raw_file_id,
    case
        when blueprint_reading.outcome = 'absent' then 'absent'
        else coalesce(blueprint_reading.blueprint_status, 'unknown')
    end as blueprint_status,
    case
        when blueprint_reading.outcome = 'absent' then blueprint_reading.reason
        when blueprint_reading.outcome is null
            then coalesce(latest_finding.blueprint_reason, {{ missing_files_reason() }})
        else blueprint_reading.blueprint_reason
    end as blueprint_reason,
    case
        when nextjs_reading.outcome = 'absent' then 'no'
        else coalesce(nextjs_reading.nextjs_verdict, 'unknown')
    end as nextjs_verdict,
    case
        when nextjs_reading.outcome = 'absent'
            then coalesce(nextjs_reading.reason, 'the repository holds no files')
        when nextjs_reading.outcome is null
            then coalesce(latest_finding.nextjs_reason, {{ missing_files_reason() }})
        else nextjs_reading.nextjs_reason
    end as nextjs_reason,
    nextjs_reading.raw_id as nextjs_raw_file_id,
    case
        when readme_reading.outcome = 'absent' then false
        else readme_reading.has_deploy_button
    end as has_deploy_button,
    case
        when readme_reading.outcome = 'absent' then false
        else readme_reading.readme_mentions_render
    end as readme_mentions_render,
    readme_reading.raw_id as readme_raw_file_id,
    case
        when files_reading.raw_id is not null and latest_finding.raw_file_id is null
            then files_reading.raw_id
    end as awaited_raw_file_id,
    files_attempt.outcome is not null as files_asked
{%- endmacro %}

{% macro missing_files_reason() -%}
    case
        when files_attempt.outcome is null then 'files: not asked yet'
        when files_attempt.outcome = 'found' then 'files: not examined yet'
        else 'files: ' || coalesce(files_attempt.reason, files_attempt.outcome)
    end
{%- endmacro %}
