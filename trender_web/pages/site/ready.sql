-- Touches every relation the pages need: a missing one or a revoked right fails here.
select
    exists (select 1 from analytics.fact_repo_snapshots) as facts,
    exists (select 1 from analytics.dim_repositories) as dimension,
    exists (select 1 from analytics.dim_languages) as languages,
    exists (select 1 from analytics.fact_star_days) as star_days,
    exists (select 1 from analytics.fact_workflow_executions) as runs,
    exists (select 1 from analytics.repositories_known) as repositories,
    exists (select 1 from analytics.render_enrichment) as enrichment,
    (select count(*) from analytics.analytics_trending_repos_current where false) as trending,
    (select count(*) from analytics.analytics_render_showcase where false) as showcase
