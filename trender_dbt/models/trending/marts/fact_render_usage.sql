{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id', 'service_type', 'snapshot_date'], 'unique': True},
        {'columns': ['snapshot_date']},
    ],
    pre_hook="{{ delete_periods('snapshot_date', touched_days()) }}",
    post_hook=["{{ analyze_when_new() }}", "{{ record_progress() }}"],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}
-- depends_on: {{ ref('int_observations') }}

-- What each valid Blueprint declares, per day and type of service.

with snapshots as (
    select
        snapshot.repo_id,
        snapshot.repo_key,
        snapshot.snapshot_date,
        snapshot.created_at,
        finding.blueprint
    from {{ daily_snapshots(touched_days()) }}
    cross join
        lateral (
            select seen.blueprint_raw_file_id
            from {{ ref('int_observations') }} as seen
            where seen.repo_id = snapshot.repo_id and seen.as_of = snapshot.as_of
            offset 0
        ) as files
    inner join {{ ref('stg_github__file_findings') }} as finding
        on files.blueprint_raw_file_id = finding.raw_file_id
    where snapshot.uses_render
),

services as (
    select
        snapshots.*,
        declared.service_type,
        declared.service_count
    from snapshots
    cross join
        lateral (
            select
                entry.key as service_type,
                {{ json_count('entry.value') }} as service_count
            from jsonb_each({{ json_object("snapshots.blueprint -> 'service_types'") }}) as entry
            where entry.key <> 'database'
            union all
            select
                'database' as service_type,
                {{ json_count("(snapshots.blueprint -> 'database_count')") }} as service_count
        ) as declared
    where declared.service_count > 0
)

select
    {{ surrogate_key([
        'repo_id', 'service_type', "to_char(snapshot_date, 'YYYY-MM-DD')"
    ]) }} as usage_id,
    repo_id,
    repo_key,
    {{ surrogate_key(["'render'", 'service_type']) }} as service_key,
    service_type,
    snapshot_date,
    service_count,
    ({{ json_number("(blueprint -> 'complexity_score')") }})::integer as complexity_score,
    true as has_blueprint,
    created_at
from services
