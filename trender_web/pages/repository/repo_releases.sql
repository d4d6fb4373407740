-- A repository's releases that still stand, newest first.
select *
from analytics.fact_releases
where
    repo_id = %(repo_id)s
    and not is_withdrawn
    and (%(as_of)s::date is null or published_at < %(as_of)s::date + 1)
order by published_at desc, tag
limit 400
