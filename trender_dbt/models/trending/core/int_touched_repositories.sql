{{ config(post_hook="analyze {{ this }}") }}

-- depends_on: {{ ref('stg_github__file_findings') }}

-- Which repositories must be computed anew in this build, and from which observation on.

{% set models = incremental_models() %}

with scope as (
    select * from {{ ref('int_build_scope') }}
),

progress as (
    -- A model that has not run, or ran under other settings, starts from the beginning.
    select
        case
            when
                count(*) filter (where done.settings_hash = scope.settings_hash)
                = {{ models | length }}
                then min(done.fetch_log_id)
            else 0
        end as done_fetch_id
    from scope
    left join staging.build_progress as done
        on done.model_name = any({{ text_array(models) }})
),

attempts as (
    select
        log.repo_id,
        min(log.as_of) as from_as_of
    from {{ ref('stg_fetch_log') }} as log
    cross join scope
    cross join progress
    where
        log.id > progress.done_fetch_id
        and log.id <= scope.through_fetch_id
        and log.repo_id is not null
    group by log.repo_id
)

{% set observations = adapter.get_relation(
    target.database, 'staging', 'int_observations'
) if execute else none %}
{% if observations %}
    ,

    late_findings as (
    -- Files whose findings were not there yet when their observation was built.
        select
            waiting.repo_id,
            min(waiting.as_of) as from_as_of
        from {{ observations }} as waiting
        inner join {{ ref('stg_github__file_findings') }} as finding
            on waiting.awaited_raw_file_id = finding.raw_file_id
        where waiting.awaited_raw_file_id is not null
        group by waiting.repo_id
    )
{% endif %}

select
    repo_id,
    min(from_as_of) as from_as_of
from (
    select * from attempts
    {% if observations %}
        union all
        select * from late_findings
    {% endif %}
) as touched
group by repo_id
