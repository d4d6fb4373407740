-- The days that have a ranking, and the size of the newest frame.
select
    min(snapshot_date) as first_day,
    max(snapshot_date) as last_day
from analytics.fact_repo_snapshots
