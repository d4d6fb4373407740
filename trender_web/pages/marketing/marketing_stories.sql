-- Success stories up to the month of a past day, the newest month's first.
select
    period_start, repo_id, repo_full_name, repo_url, render_category, language, stars, base_stars,
    base_date, base_source, growth_pct, growth_days, momentum_score, render_services,
    service_count, owner_login, homepage_url, headline, sentences, criteria, as_of
from analytics.success_stories
where %(day)s::date is null or period_start <= %(day)s::date
order by period_start desc, growth_pct desc, repo_id
limit 60
