-- The hundred strongest of each language by momentum, as of when each was last seen.
select * from analytics.analytics_trending_repos_current
