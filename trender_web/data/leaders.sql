-- The twelve that lead now: names to begin a comparison with.
select repo_full_name
from analytics.repositories_current
where rank_overall is not null
order by rank_overall
limit 12
