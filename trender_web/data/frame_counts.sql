-- What the present rankings are made of.
select
    pool,
    count(*) as followed,
    count(*) filter (where is_ranked) as ranked,
    count(*) filter (where is_ranked and uses_render) as on_render
from analytics.repositories_current
where is_current and pool is not null
group by pool
