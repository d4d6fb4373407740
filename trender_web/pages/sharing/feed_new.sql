-- Repositories that entered a list, on the day they did: the first hundred of a ranking, or all
-- ranked Render projects. Those that were on it on any of the seven days before are no entry.
with recent as (
    select
        fact.repo_id,
        fact.repo_key,
        fact.snapshot_date,
        fact.pool,
        fact.stars,
        fact.stars_gained_7d,
        fact.momentum_score,
        fact.uses_render,
        fact.as_of,
        case
            when %(pool)s::text is null then fact.rank_overall
            else fact.rank_in_language
        end as place
    from analytics.fact_repo_snapshots as fact
    where
        fact.is_ranked
        -- A list of days and not a bound: the planner then takes the index whatever the bound is.
        and fact.snapshot_date = any(%(days)s::date[])
        and (%(pool)s::text is null or fact.pool = %(pool)s)
        and (not %(render)s or fact.uses_render)
),

listed as (
    select
        recent.*,
        lag(recent.snapshot_date) over (
            partition by recent.repo_id order by recent.snapshot_date
        ) as listed_before
    from recent
    where recent.place <= case when %(render)s then 1000000 else 100 end
)

select
    listed.repo_id,
    listed.snapshot_date as entry_date,
    listed.place,
    listed.pool,
    listed.stars,
    listed.stars_gained_7d,
    listed.momentum_score,
    listed.uses_render,
    listed.as_of,
    version.repo_full_name,
    version.repo_url,
    version.description,
    version.language,
    version.topics,
    version.render_category,
    listed.snapshot_date = (
        -- What was listed when ranking began is no news, it is where the list starts.
        select min(ranked.snapshot_date)
        from analytics.fact_repo_snapshots as ranked
        where ranked.is_ranked
    ) as is_first_list
from listed
inner join analytics.dim_repositories as version on listed.repo_key = version.repo_key
left join analytics.repositories_known as known on listed.repo_id = known.repo_id
where
    (listed.listed_before is null or listed.listed_before < listed.snapshot_date - 7)
    and listed.snapshot_date > %(since)s
    and known.availability is distinct from 'blocked'
order by listed.snapshot_date desc, listed.place
limit %(limit)s
