-- Answers that could not be read as what they should be, without their bytes.

select
    id,
    stream,
    repo_id,
    repo_full_name,
    reason,
    run_id,
    as_of,
    fetched_at
from {{ source('raw', 'raw_quarantine') }}
