-- Stars gained per day of some repositories, one source each: GitHub's history where there is any.
with days as (
    select
        repo_id, star_date, stars_gained, source,
        bool_or(source = 'github_history') over (partition by repo_id) as has_history
    from analytics.fact_star_days
    where repo_id = any(%(ids)s) and star_date > %(since)s::date
)

select repo_id, star_date, stars_gained, source
from days
where source = case when has_history then 'github_history' else 'own_snapshots' end
order by repo_id, star_date
