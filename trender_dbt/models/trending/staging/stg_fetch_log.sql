-- Every attempt to read something of a repository or a query, and what came of it.

select
    id,
    run_id,
    stream,
    source,
    repo_id,
    repo_full_name,
    outcome,
    reason,
    raw_id,
    discovered_by,
    as_of,
    fetched_at,
    loaded_at
from {{ source('raw', 'fetch_log') }}
