-- What was measured of a repository on one past day.
select fact.*, version.repo_full_name, version.description, version.render_category
from analytics.fact_repo_snapshots as fact
inner join analytics.dim_repositories as version on fact.repo_key = version.repo_key
where fact.repo_id = %(repo_id)s and fact.snapshot_date = %(as_of)s
