select
    hourly.repo_id,
    hourly.snapshot_hour
from {{ ref('fact_repo_snapshots_hourly') }} as hourly
cross join {{ ref('int_build_scope') }} as scope
where
    hourly.snapshot_hour >= scope.as_of - interval '1 hour'
    and (
        (hourly.stars_gained_7d is null and hourly.stars_gained_7d_reason is null)
        or (hourly.stars_gained_7d is null) <> (hourly.stars_gained_7d_source is null)
        or (hourly.momentum_score is null) <> (hourly.momentum_reason is not null)
        or hourly.is_ranked <> (
            hourly.momentum_score is not null and hourly.unranked_reason is null
        )
    )
