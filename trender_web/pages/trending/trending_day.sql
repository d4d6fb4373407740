-- The ranking of one past day, with the names that were in force then.
select
    fact.*,
    version.repo_full_name,
    version.repo_url,
    version.language,
    version.description,
    version.topics,
    version.render_category,
    yesterday.rank_overall as previous_rank_overall,
    yesterday.rank_in_language as previous_rank_in_language,
    (
        select min(past.snapshot_date)
        from analytics.fact_repo_snapshots as past
        where past.repo_id = fact.repo_id and past.is_ranked
    ) as first_ranked_date,
    false as is_stale
from analytics.fact_repo_snapshots as fact
inner join analytics.dim_repositories as version on fact.repo_key = version.repo_key
left join analytics.fact_repo_snapshots as yesterday
    on
        fact.repo_id = yesterday.repo_id
        and yesterday.snapshot_date = fact.snapshot_date - 1
where fact.snapshot_date = %(as_of)s and fact.is_ranked
