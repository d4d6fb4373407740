-- One row per language and day: the whole ranked frame of that day.
select
    fact.pool as language,
    fact.snapshot_date,
    count(*) as repositories,
    count(*) filter (where fact.uses_render) as on_render,
    sum(fact.stars_gained_7d) as stars_gained_7d,
    count(fact.stars_gained_7d) as gains_known,
    avg(fact.activity_score) as mean_activity,
    percentile_cont(0.5) within group (order by fact.momentum_score) as median_momentum,
    percentile_cont(0.5) within group (order by fact.star_velocity) as median_velocity
from analytics.fact_repo_snapshots as fact
where
    fact.is_ranked
    and fact.pool is not null
    and fact.snapshot_date > %(last)s::date - %(days)s
    and fact.snapshot_date <= %(last)s::date
    and (%(pools)s::text[] is null or fact.pool = any(%(pools)s::text[]))
group by fact.pool, fact.snapshot_date
order by fact.pool, fact.snapshot_date
