-- Everything known now of the repository that bears this name; a gone one that had it comes last.
select
    current_repo.*,
    known.node_id,
    known.default_branch,
    known.commits_reason,
    known.issues_reason,
    known.contributors_reason,
    known.open_pull_requests,
    known.updated_at,
    known.is_template,
    known.dq_completeness,
    known.dq_validity,
    known.dq_timeliness,
    known.nextjs_evidence,
    known.observed_at,
    known.loaded_at
from analytics.repositories_current as current_repo
inner join analytics.repositories_known as known on current_repo.repo_id = known.repo_id
where lower(current_repo.repo_full_name) = lower(%(name)s)
order by current_repo.availability = 'available' desc, current_repo.as_of desc
limit 1
