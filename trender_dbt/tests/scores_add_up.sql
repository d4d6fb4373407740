-- An independent statement of the draft's formulas, to a relative billionth.

with recent as (
    select
        hourly.*,
        repository.created_at as repo_created_at,
        -- None can be closed where issues are disabled; anything else unknown stays unknown.
        coalesce(
            hourly.issues_closed_last_7_days,
            case when repository.issues_reason = 'issues: disabled' then 0 end
        ) as issues_closed
    from {{ ref('fact_repo_snapshots_hourly') }} as hourly
    cross join {{ ref('int_build_scope') }} as scope
    cross join
        lateral (
            select
                seen.created_at,
                seen.issues_reason
            from {{ ref('int_observations') }} as seen
            where seen.repo_id = hourly.repo_id and seen.as_of = hourly.as_of
            offset 0
        ) as repository
    where hourly.snapshot_hour >= scope.as_of - interval '1 hour'
),

expected as (
    select
        *,
        100.0::float8 * stars_gained_7d / case when stars < 1 then 1 else stars end as velocity,
        (4 * commits_last_7_days + 3 * issues_closed + 3 * active_contributors)::float8
        / 10 as activity,
        case when uses_render then 1.2 else 1.0 end::float8
        * case
            when extract(epoch from as_of - repo_created_at) > 180 * 86400 then 0.9 else 1.0
        end::float8 as factor
    from recent
)

select
    repo_id,
    snapshot_hour
from expected
where
    abs(star_velocity - velocity) > 1e-9 * (1 + abs(velocity))
    or abs(activity_score - activity) > 1e-9 * (1 + activity)
    or abs(momentum_score - (0.4 * velocity + 0.6 * activity) * factor)
    > 1e-9 * (1 + abs(momentum_score))
    or abs((momentum_velocity_part + momentum_activity_part) * age_factor - momentum_unboosted)
    > 1e-9 * (1 + abs(momentum_unboosted))
    or abs(momentum_unboosted * render_boost - momentum_score) > 1e-9 * (1 + abs(momentum_score))
    or (momentum_score is null)
    <> (stars_gained_7d is null or activity is null)
    or trend_score not between 0 and 100
    or abs(trend_score - (
        coalesce((trend_parts -> 'pace' ->> 'points')::float8, 0)
        + coalesce((trend_parts -> 'growth' ->> 'points')::float8, 0)
        + coalesce((trend_parts -> 'activity' ->> 'points')::float8, 0)
    )) > 1e-9 * 100
