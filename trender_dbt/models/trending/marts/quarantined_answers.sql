-- Each reason for which an answer was refused, with the answer it belongs to. A table: a view would
-- go with the observations when a full refresh replaces them and a check then stops the build.

select
    quarantined.quarantine_key,
    each_one.reason,
    quarantined.stream,
    quarantined.repo_id,
    quarantined.repo_full_name,
    quarantined.run_id,
    quarantined.as_of,
    quarantined.fetched_at
from {{ ref('stg_repos_quarantined') }} as quarantined
cross join lateral unnest(quarantined.reasons) as each_one (reason)
