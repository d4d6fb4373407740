-- Stars gained on each of the last 28 days before a day, one source per repository: GitHub's own
-- history where there is any, else the difference of our counts; the two are never mixed.
with days as (
    select
        repo_id,
        star_date,
        stars_gained,
        source,
        bool_or(source = 'github_history') over (partition by repo_id) as has_history
    from analytics.fact_star_days
    where
        repo_id = any(%(ids)s)
        and star_date > %(day)s::date - 29
        and star_date < %(day)s::date
)

select
    repo_id,
    max(source) as source,
    array_agg(%(day)s::date - star_date order by star_date) as days_back,
    array_agg(stars_gained order by star_date) as gains
from days
where source = case when has_history then 'github_history' else 'own_snapshots' end
group by repo_id
