{{ config(materialized='view') }}

-- What is known of each repository besides its snapshot, those that are gone included.

select
    repo_id,
    node_id,
    repo_full_name,
    default_branch,
    open_pull_requests,
    is_template,
    commits_reason,
    issues_reason,
    contributors_reason,
    nextjs_evidence,
    availability,
    data_quality_score,
    dq_completeness,
    dq_validity,
    dq_timeliness,
    updated_at,
    observed_at,
    loaded_at
from {{ ref('stg_repos_validated') }}
