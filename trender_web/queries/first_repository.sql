-- A repository for examples: the one that leads now.
select repo_full_name
from analytics.analytics_trending_repos_current
where rank_overall is not null
order by rank_overall
limit 1
