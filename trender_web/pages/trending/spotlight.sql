-- Up to nine Render projects by momentum; three are shown, others each day.
select
    repo_id, repo_full_name, description, language, stars, stars_gained_7d, momentum_score,
    render_category, render_services, service_count
from analytics.analytics_render_showcase
where availability = 'available' and render_category <> 'uncategorised'
order by momentum_score desc nulls last, stars desc, repo_id
limit 9
