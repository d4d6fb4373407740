-- GitHub's weekly star history, one row per repository and changed answer.

select
    id as raw_id,
    repo_id,
    weeks,
    fetch_timestamp
from {{ source('raw', 'raw_star_history') }}
