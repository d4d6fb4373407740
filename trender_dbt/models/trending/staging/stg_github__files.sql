-- The texts of a repository's Blueprint and README, one row per changed set of files.

select
    id as raw_file_id,
    repo_id,
    coalesce(
        files -> 'render.yaml' ->> 'text', files -> 'render.yml' ->> 'text'
    ) as render_yaml_content,
    files -> 'README.md' ->> 'text' as readme_content,
    fetch_timestamp
from {{ source('raw', 'raw_repo_files') }}
