{{ config(materialized='view') }}

-- What the files of each repository that is followed for its language say of each platform. What
-- was not read is unknown, never absent.

select
    current_repo.repo_id,
    current_repo.pool,
    current_repo.stars,
    platform.key as platform,
    {{ json_boolean("(found.platforms -> platform.key)") }} as answer
from {{ ref('repositories_current') }} as current_repo
cross join (values ('render'), ('vercel'), ('railway'), ('fly')) as platform (key)
left join lateral (
    select findings.deployment -> 'platforms' as platforms
    from {{ ref('stg_github__file_findings') }} as findings
    where findings.repo_id = current_repo.repo_id
    order by findings.raw_file_id desc
    limit 1
) as found on true
where
    current_repo.pool is not null
    and current_repo.is_current
    and not current_repo.is_fork
    and not current_repo.is_archived
