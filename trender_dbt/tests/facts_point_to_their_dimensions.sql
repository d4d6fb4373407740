select
    'language' as dimension,
    daily.repo_id
from {{ ref('fact_repo_snapshots') }} as daily
cross join {{ ref('int_build_scope') }} as scope
left join {{ ref('dim_languages') }} as language
    on daily.language_key = language.language_key
where
    daily.snapshot_date >= (scope.as_of at time zone 'UTC')::date - 1
    and language.language_key is null

union all

select
    'service' as dimension,
    usage.repo_id
from {{ ref('fact_render_usage') }} as usage
left join {{ ref('dim_render_services') }} as service
    on usage.service_key = service.service_key
where service.service_key is null
