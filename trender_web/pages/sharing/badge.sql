-- What a badge or an embed says of the repository that bears this name, or once bore it.
with wanted as (
    select
        known.repo_id,
        0 as is_old_name
    from analytics.repositories_current as known
    where lower(known.repo_full_name) = lower(%(name)s)
    union all
    select
        version.repo_id,
        1 as is_old_name
    from analytics.dim_repositories as version
    where lower(version.repo_full_name) = lower(%(name)s)
)

select
    current_repo.repo_id,
    current_repo.repo_full_name,
    current_repo.repo_url,
    current_repo.description,
    current_repo.language,
    current_repo.pool,
    current_repo.stars,
    current_repo.stars_gained_7d,
    current_repo.stars_gained_7d_reason,
    current_repo.momentum_score,
    current_repo.momentum_reason,
    current_repo.rank_overall,
    current_repo.rank_in_language,
    current_repo.uses_render,
    current_repo.availability,
    current_repo.unavailable_since,
    current_repo.snapshot_date,
    current_repo.as_of,
    current_repo.is_stale,
    current_repo.warehouse_as_of
from wanted
inner join analytics.repositories_current as current_repo on wanted.repo_id = current_repo.repo_id
where current_repo.availability <> 'blocked'
order by wanted.is_old_name, current_repo.availability = 'available' desc, current_repo.as_of desc
limit 1
