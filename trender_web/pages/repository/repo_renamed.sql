-- The present name of a repository that once bore this one.
select known.repo_full_name
from analytics.dim_repositories as version
inner join analytics.repositories_known as known on version.repo_id = known.repo_id
where
    lower(version.repo_full_name) = lower(%(name)s)
    and lower(known.repo_full_name) <> lower(%(name)s)
order by version.valid_from desc
limit 1
