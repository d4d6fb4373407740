{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['repo_id', 'star_date'],
    indexes=[{'columns': ['repo_id', 'star_date'], 'unique': True}],
    post_hook=["{{ analyze_when_new() }}", "{{ record_progress() }}"],
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
    from {{ log_rows('stars', 'found') }}
    where log.raw_id is not null
    order by log.repo_id asc, log.raw_id asc, log.as_of desc
),

history_days as (
    select distinct on (readings.repo_id, day.star_date)
        readings.repo_id,
        day.star_date,
        day.stars_gained,
        'github_history' as source,
        readings.as_of as observed_at
    from readings
    inner join {{ ref('stg_github__star_history') }} as history
        on readings.raw_id = history.raw_id
    cross join lateral {{ star_days('history.weeks') }} as day
    where day.star_date < (readings.as_of at time zone 'America/Los_Angeles')::date
    order by
        readings.repo_id asc, day.star_date asc, readings.as_of desc, readings.raw_id desc
),

newest_day as (
    select max(snapshot_date) as day
    from {{ ref('fact_repo_snapshots') }}
),

compared_days as (
    -- All since the first touched day, and the last before the newest: it may just be complete.
    select
        generate_series(
            least(
                (
                    select max(past.snapshot_date)
                    from {{ ref('fact_repo_snapshots') }} as past
                    where past.snapshot_date < newest_day.day
                ),
                (
                    select min(touched_day.touched)
                    from ({{ touched_days() }}) as touched_day (touched)
                )
            ),
            newest_day.day,
            interval '1 day'
        )::date as day
    from newest_day
),

own_days as (
    select
        snapshot.repo_id,
        snapshot.snapshot_date as star_date,
        snapshot.stars - previous.stars as stars_gained,
        'own_snapshots' as source,
        snapshot.as_of as observed_at
    from {{ daily_snapshots('select compared_days.day from compared_days') }}
    cross join
        lateral (
            select before.stars
            from {{ ref('fact_repo_snapshots') }} as before
            where
                before.repo_id = snapshot.repo_id
                and before.snapshot_date = snapshot.snapshot_date - 1
            offset 0
        ) as previous
    where snapshot.is_complete_day
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
    left join lateral (
        select stored.*
        from {{ this }} as stored
        where stored.repo_id = candidates.repo_id and stored.star_date = candidates.star_date
        offset 0
    ) as known on true
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
