{{ config(severity='warn') }}

select sources.source
from (
    select distinct source from {{ ref('int_repo_sources') }}
) as sources
cross join {{ ref('int_build_scope') }} as scope
where not exists (
    select 1
    from {{ source('raw', 'fetch_log') }} as log
    where
        log.stream = 'repos'
        and log.source = sources.source
        and log.as_of >= scope.as_of - interval '{{ var("stale_after_hours") }} hours'
)
