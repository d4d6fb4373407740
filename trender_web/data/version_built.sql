-- Which generation of the tables exists: a rebuilt table has a new oid.
select
    to_regclass('analytics.fact_repo_snapshots')::oid::bigint as facts,
    to_regclass('analytics.repositories_known')::oid::bigint as repositories,
    to_regclass('analytics.render_enrichment')::oid::bigint as enrichment,
    to_regclass('analytics.dim_repositories')::oid::bigint as dimension,
    to_regclass('analytics.analytics_trending_repos_current')::oid::bigint as trending,
    to_regclass('analytics.analytics_render_showcase')::oid::bigint as showcase
