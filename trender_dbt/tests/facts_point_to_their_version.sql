select
    daily.repo_id,
    daily.snapshot_date
from {{ ref('fact_repo_snapshots') }} as daily
cross join {{ ref('int_build_scope') }} as scope
left join {{ ref('dim_repositories') }} as version
    on
        daily.repo_key = version.repo_key
        and daily.repo_id = version.repo_id
        and daily.as_of >= version.valid_from
        and (version.valid_to is null or daily.as_of < version.valid_to)
where
    daily.snapshot_date >= (scope.as_of at time zone 'UTC')::date - 1
    and version.repo_key is null
