-- Every repository with a page, the newest observation first.
select
    repo_full_name,
    as_of
from analytics.repositories_current
where availability = 'available'
order by as_of desc, repo_id
limit 45000
