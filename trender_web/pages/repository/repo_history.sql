-- One row per day: the day's last snapshot. With a day given, nothing after it.
select
    snapshot_date, as_of, is_complete_day, stars, forks, open_issues, stars_gained_1d,
    stars_gained_7d, stars_gained_7d_source, star_velocity, commits_last_7_days,
    issues_closed_last_7_days, active_contributors, activity_score, momentum_score,
    momentum_unboosted, trend_score, rank_overall, rank_in_language, trend_rank_in_language,
    data_quality_score
from analytics.fact_repo_snapshots
where
    repo_id = %(repo_id)s
    and (%(as_of)s::date is null or snapshot_date <= %(as_of)s::date)
order by snapshot_date desc
limit %(days)s
