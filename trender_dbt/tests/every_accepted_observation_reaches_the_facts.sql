select
    observation.repo_id,
    observation.as_of
from {{ touched_observations() }}
left join {{ ref('stg_repos_validated') }} as validated
    on observation.repo_id = validated.repo_id
left join {{ ref('fact_repo_snapshots_hourly') }} as hourly
    on
        observation.repo_id = hourly.repo_id
        and hourly.snapshot_hour = date_trunc('hour', observation.as_of, 'UTC')
left join {{ ref('fact_repo_snapshots') }} as daily
    on
        observation.repo_id = daily.repo_id
        and daily.snapshot_date = (observation.as_of at time zone 'UTC')::date
where
    observation.reject_reasons = '{}'
    and (
        validated.as_of is null
        or validated.as_of < observation.as_of
        or hourly.as_of is null
        or hourly.as_of < observation.as_of
        or daily.as_of is null
        or daily.as_of < observation.as_of
    )
