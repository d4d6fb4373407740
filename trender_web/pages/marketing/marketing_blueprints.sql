-- The newest day's Blueprint metrics (up to a past day, if one is asked for), the best first.
select
    report_date, repo_id, repo_full_name, render_category, blueprint_status, blueprint_quality,
    documentation_score, render_complexity_score, service_count, database_count,
    has_blueprint_button, stars, stars_gained_7d, needs_attention, attention_reasons, deploys,
    deploys_reason, as_of
from analytics.blueprint_metrics
where
    report_date = (
        select max(report_date) from analytics.blueprint_metrics
        where %(day)s::date is null or report_date <= %(day)s::date
    )
order by
    blueprint_quality desc nulls last, documentation_score desc nulls last, stars desc nulls last,
    repo_id
