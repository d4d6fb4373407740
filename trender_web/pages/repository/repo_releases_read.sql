-- What became of the newest reading of a repository's releases.
select outcome, reason
from analytics.attempts
where repo_id = %(repo_id)s and stream = 'releases'
order by as_of desc, id desc
limit 1
