{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['repo_id', 'snapshot_date'], 'unique': True},
        {'columns': ['snapshot_date', 'pool']},
    ],
    pre_hook=["{{ delete_touched_days() }}", "{{ complete_days() }}"],
    post_hook=[
        "create index if not exists fact_repo_snapshots_incomplete
         on {{ this }} (snapshot_date) where not is_complete_day",
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
    from {{ ref('fact_repo_snapshots_hourly') }} as hourly
    cross join newest_day
    {% if is_incremental() %}
    where
        hourly.snapshot_hour >= (
            select min(day.touched)::timestamp at time zone 'UTC'
            from ({{ touched_days() }}) as day (touched)
        )
        and (hourly.snapshot_hour at time zone 'UTC')::date in ({{ touched_days() }})
    {% endif %}
    order by
        hourly.repo_id,
        (hourly.as_of at time zone 'UTC')::date,
        hourly.as_of desc
),

{{ ranked('snapshots', 'snapshot_date') }}

select * from ranked
