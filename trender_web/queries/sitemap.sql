-- Every repository with a page, the newest observation first.
select
    repo_full_name,
    as_of
from staging.int_repos_current
where availability = 'available'
order by as_of desc, repo_id
limit 45000
