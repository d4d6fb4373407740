-- Every repository that has to do with Render, the strongest of each category first.
select
    repo_id, repo_full_name, repo_url, description, homepage_url, language, topics, stars,
    stars_gained_7d, stars_gained_7d_reason, momentum_score, momentum_reason, rank_overall,
    render_category, category_evidence, uses_render, blueprint_status, blueprint_reason,
    blueprint_path, render_services, service_count, database_count, has_blueprint_button,
    render_complexity_score, blueprint_quality, documentation_score, is_archived, is_stale, as_of
from analytics.analytics_render_showcase
where
    availability = 'available'
    and (
        %(text)s = ''
        or position(lower(%(text)s) in lower(repo_full_name)) > 0
        or position(lower(%(text)s) in lower(coalesce(description, ''))) > 0
    )
order by momentum_score desc nulls last, stars desc, repo_id
