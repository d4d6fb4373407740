-- A language's present frame: who is followed, who competes, what they add up to.
select
    count(*) as followed,
    count(*) filter (where is_ranked) as ranked,
    count(*) filter (where is_ranked and uses_render) as on_render,
    sum(stars) filter (where is_ranked) as stars,
    sum(stars_gained_7d) filter (where is_ranked) as stars_gained_7d,
    count(stars_gained_7d) filter (where is_ranked) as gains_known,
    percentile_cont(0.5) within group (order by momentum_score)
        filter (where is_ranked) as median_momentum,
    percentile_cont(0.5) within group (order by stars) filter (where is_ranked) as median_stars,
    max(as_of) as as_of
from analytics.repositories_current
where pool = %(pool)s and is_current
