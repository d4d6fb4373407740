-- The releases of a repository's last 90 days, one row per repository and changed list.

select
    id as raw_id,
    repo_id,
    releases,
    window_start,
    is_truncated,
    fetch_timestamp
from {{ source('raw', 'raw_releases') }}
