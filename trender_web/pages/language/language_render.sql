-- Render projects whose language this is, ranked or not.
select
    repo_id, repo_full_name, description, language, pool, stars, stars_gained_7d,
    stars_gained_7d_reason, momentum_score, momentum_reason, rank_in_language, render_category,
    render_services, service_count, uses_render, as_of, is_stale
from analytics.analytics_render_showcase
where availability = 'available' and (pool = %(pool)s or language = %(language)s)
order by momentum_score desc nulls last, stars desc, repo_id
limit 50
