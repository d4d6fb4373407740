-- In how many repositories each type of service was declared on a past day, and how often.
select
    dimension.service_type,
    dimension.service_description as description,
    count(distinct usage.repo_id) as repositories,
    coalesce(sum(usage.service_count), 0)::bigint as services
from analytics.dim_render_services as dimension
left join analytics.fact_render_usage as usage
    on dimension.service_type = usage.service_type and usage.snapshot_date = %(day)s
group by dimension.service_type, dimension.service_description
order by repositories desc, services desc, dimension.service_type
