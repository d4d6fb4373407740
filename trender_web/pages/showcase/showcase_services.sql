-- In how many repositories each type of service is declared, and how often, by each one's newest
-- day.
select
    coalesce(dimension.service_type, usage.service_type) as service_type,
    max(dimension.service_description) as description,
    count(distinct current_repo.repo_id) as repositories,
    coalesce(
        sum(usage.service_count) filter (where current_repo.repo_id is not null), 0
    )::bigint as services
from analytics.dim_render_services as dimension
left join analytics.fact_render_usage as usage
    on
        dimension.service_type = usage.service_type
        and usage.snapshot_date >= (
            select max(snapshot_date) - 7 from analytics.fact_repo_snapshots
        )
left join analytics.repositories_current as current_repo
    on
        usage.repo_id = current_repo.repo_id
        and usage.snapshot_date = current_repo.snapshot_date
        and current_repo.availability = 'available'
group by 1
order by repositories desc, services desc, service_type
