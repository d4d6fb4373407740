{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id', 'snapshot_date'], 'unique': True},
        {'columns': ['snapshot_date', 'pool']},
    ],
    pre_hook=["{{ delete_periods('snapshot_date', touched_days()) }}", "{{ complete_days() }}"],
    post_hook=[
        "{{ named_index('incomplete', '(snapshot_date) where not is_complete_day') }}",
        "{{ analyze_when_new() }}",
        "{{ record_progress() }}",
    ],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}
-- depends_on: {{ ref('int_observations') }}

-- One row per repository and UTC day: the day's last snapshot, ranked among that day's.

with newest_day as (
    select (newest_observation_as_of at time zone 'UTC')::date as day
    from {{ ref('int_build_scope') }}
),

snapshots as (
    select distinct on (hourly.repo_id, (hourly.as_of at time zone 'UTC')::date)
        {{ surrogate_key([
            'hourly.repo_id', "to_char(hourly.as_of at time zone 'UTC', 'YYYY-MM-DD')"
        ]) }} as snapshot_id,
        hourly.repo_id,
        hourly.repo_key,
        hourly.language_key,
        hourly.pool,
        (hourly.as_of at time zone 'UTC')::date as snapshot_date,
        (hourly.as_of at time zone 'UTC')::date < newest_day.day as is_complete_day,
        hourly.{{ snapshot_measure_columns() | join(',\n        hourly.') }},
        hourly.is_ranked
    from {% if is_incremental() -%}
            ({{ touched_days() }}) as day (touched)
        cross join lateral (
            select stored.*
            from {{ ref('fact_repo_snapshots_hourly') }} as stored
            where
                stored.snapshot_hour >= day.touched::timestamp at time zone 'UTC'
                and stored.snapshot_hour < (day.touched + 1)::timestamp at time zone 'UTC'
            offset 0
        ) as hourly
    {%- else -%}
        {{ ref('fact_repo_snapshots_hourly') }} as hourly
    {%- endif %}
    cross join newest_day
    order by
        hourly.repo_id asc,
        (hourly.as_of at time zone 'UTC')::date asc,
        hourly.as_of desc
),

{{ ranked('snapshots', 'snapshot_date') }}

select * from ranked
