{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['repo_id', 'star_date'],
    indexes=[{'columns': ['repo_id', 'star_date'], 'unique': True}],
    post_hook="{{ record_progress() }}",
) }}

-- depends_on: {{ ref('int_touched_repositories') }}
-- depends_on: {{ ref('int_observations') }}

-- Stars gained per repository and day: GitHub's newest word on each complete day (its calendar is
-- Los Angeles'), and where GitHub gave none, the difference of our own last counts of two days.

with readings as (
    select distinct on (log.repo_id, log.raw_id)
        log.repo_id,
        log.raw_id,
        log.as_of
    from {{ source('raw', 'fetch_log') }} as log
    cross join {{ ref('int_build_scope') }} as scope
    {% if is_incremental() %}
    inner join {{ ref('int_touched_repositories') }} as touched
        on log.repo_id = touched.repo_id and log.as_of >= touched.from_as_of
    {% endif %}
    where
        log.stream = 'stars'
        and log.outcome = 'found'
        and log.raw_id is not null
        and log.repo_id is not null
        and log.id <= scope.through_fetch_id
    order by log.repo_id, log.raw_id, log.as_of desc
),

history_days as (
    select distinct on (readings.repo_id, day.star_date)
        readings.repo_id,
        day.star_date,
        day.stars_gained,
        'github_history' as source,
        readings.as_of as observed_at
    from readings
    inner join {{ source('raw', 'raw_star_history') }} as history
        on readings.raw_id = history.id
    cross join lateral {{ star_days('history.weeks') }} as day
    where day.star_date < (readings.as_of at time zone 'America/Los_Angeles')::date
    order by readings.repo_id, day.star_date, readings.as_of desc, readings.raw_id desc
),

own_days as (
    select
        snapshot.repo_id,
        snapshot.snapshot_date as star_date,
        snapshot.stars - previous.stars as stars_gained,
        'own_snapshots' as source,
        snapshot.as_of as observed_at
    from {{ ref('fact_repo_snapshots') }} as snapshot
    inner join {{ ref('fact_repo_snapshots') }} as previous
        on
            snapshot.repo_id = previous.repo_id
            and previous.snapshot_date = snapshot.snapshot_date - 1
    where
        snapshot.is_complete_day
        {% if is_incremental() %}
        and snapshot.snapshot_date >= (
            select coalesce(min(day.touched), 'infinity'::date) - 1
            from ({{ touched_days() }}) as day (touched)
        )
        {% endif %}
),

candidates as (
    select * from history_days
    union all
    select own_days.*
    from own_days
    where
        not exists (
            select 1 from history_days
            where
                history_days.repo_id = own_days.repo_id
                and history_days.star_date = own_days.star_date
        )
)

select
    candidates.repo_id,
    candidates.star_date,
    candidates.stars_gained,
    candidates.source,
    candidates.observed_at
from candidates
{% if is_incremental() %}
left join {{ this }} as known
    on
        candidates.repo_id = known.repo_id
        and candidates.star_date = known.star_date
where
    known.repo_id is null
    -- GitHub's word outranks ours, a newer word an older one.
    or (candidates.source = 'github_history' and known.source = 'own_snapshots')
    or (
        candidates.source = known.source
        and candidates.observed_at >= known.observed_at
        and (candidates.stars_gained, candidates.observed_at)
        is distinct from (known.stars_gained, known.observed_at)
    )
{% endif %}
