-- The showcase of a past day: names and categories in force then, services as declared then.
select
    fact.repo_id,
    version.repo_full_name,
    version.repo_url,
    version.description,
    version.homepage_url,
    version.language,
    version.topics,
    fact.stars,
    fact.stars_gained_7d,
    fact.stars_gained_7d_reason,
    fact.momentum_score,
    fact.momentum_reason,
    fact.rank_overall,
    version.render_category,
    fact.uses_render,
    coalesce(declared.render_services, '{}') as render_services,
    declared.service_count,
    declared.database_count,
    version.is_archived,
    false as is_stale,
    fact.as_of
from analytics.fact_repo_snapshots as fact
inner join analytics.dim_repositories as version on fact.repo_key = version.repo_key
left join analytics.repositories_known as known on fact.repo_id = known.repo_id
left join lateral (
    select
        array_agg(usage.service_type order by usage.service_type)
        filter (where usage.service_type <> 'database') as render_services,
        sum(usage.service_count) filter (where usage.service_type <> 'database')::bigint
            as service_count,
        sum(usage.service_count) filter (where usage.service_type = 'database')::bigint
            as database_count
    from analytics.fact_render_usage as usage
    where usage.repo_id = fact.repo_id and usage.snapshot_date = fact.snapshot_date
) as declared on true
where
    fact.snapshot_date = %(day)s
    and version.render_category is not null
    and known.availability is distinct from 'blocked'
    and (
        %(text)s = ''
        or position(lower(%(text)s) in lower(version.repo_full_name)) > 0
        or position(lower(%(text)s) in lower(coalesce(version.description, ''))) > 0
    )
order by fact.momentum_score desc nulls last, fact.stars desc, fact.repo_id
