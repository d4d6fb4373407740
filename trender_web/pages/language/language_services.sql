-- Types of Render service that a language's repositories declare, on the newest day of each.
select
    usage.service_type,
    count(*) as repositories,
    sum(usage.service_count) as services
from analytics.fact_render_usage as usage
inner join analytics.repositories_current as current_repo
    on usage.repo_id = current_repo.repo_id and usage.snapshot_date = current_repo.snapshot_date
where
    current_repo.availability = 'available'
    and (current_repo.pool = %(pool)s or current_repo.language = %(language)s)
group by usage.service_type
order by services desc, usage.service_type
