-- Which tables and views stand behind the names; a build renews views in place, and a full refresh
-- takes those that read a replaced table with it.
select
    to_regclass('analytics.fact_repo_snapshots')::oid::bigint as facts,
    to_regclass('analytics.fact_star_days')::oid::bigint as star_days,
    to_regclass('analytics.fact_render_usage')::oid::bigint as render_usage,
    to_regclass('analytics.dim_repositories')::oid::bigint as dimension,
    to_regclass('analytics.dim_languages')::oid::bigint as languages,
    to_regclass('analytics.dim_render_services')::oid::bigint as services,
    to_regclass('analytics.repositories_known')::oid::bigint as repositories,
    to_regclass('analytics.render_enrichment')::oid::bigint as enrichment,
    to_regclass('analytics.repositories_current')::oid::bigint as current_repos,
    to_regclass('analytics.repository_sources')::oid::bigint as sources,
    to_regclass('analytics.quarantined_answers')::oid::bigint as quarantined,
    to_regclass('analytics.fact_releases')::oid::bigint as releases,
    to_regclass('analytics.analytics_trending_repos_current')::oid::bigint as trending,
    to_regclass('analytics.analytics_render_showcase')::oid::bigint as showcase
