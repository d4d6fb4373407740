-- What a repository's files say, as columns.

with source as (
    select * from {{ source('findings', 'repo_file_findings') }}
)

select
    ---------- ids
    raw_file_id,
    repo_id,
    detector_version,

    ---------- Blueprint
    blueprint,
    coalesce(blueprint ->> 'status', 'unknown') as blueprint_status,
    blueprint ->> 'reason' as blueprint_reason,
    blueprint ->> 'path' as blueprint_path,
    blueprint ->> 'blob_sha' as blueprint_blob_sha,

    ---------- Next.js
    nextjs,
    coalesce(nextjs ->> 'verdict', 'unknown') as nextjs_verdict,
    nextjs ->> 'reason' as nextjs_reason,
    nextjs -> 'evidence' as nextjs_evidence,

    ---------- deployment
    deployment,
    {{ json_boolean("(deployment -> 'has_deploy_button')") }} as has_deploy_button,
    deployment ->> 'deploy_button_url' as deploy_button_url,
    {{ json_boolean("(deployment -> 'readme_mentions_render')") }} as readme_mentions_render,

    ---------- timestamps
    fetch_timestamp
from source
