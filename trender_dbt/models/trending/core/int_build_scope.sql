{{ config(
    pre_hook="{{ create_build_progress() }}",
    post_hook="analyze {{ this }}",
) }}

-- One row that fixes what a build sees, so that a load that lands meanwhile waits for the next.

with log_end as (
    select coalesce(max(id), 0) as through_fetch_id
    from {{ ref('stg_fetch_log') }}
),

newest as (
    select
        log_end.through_fetch_id,
        (
            select max(log.as_of)
            from {{ ref('stg_fetch_log') }} as log
            where log.stream = 'repos' and log.outcome = 'found'
        ) as newest_observation_as_of
    from log_end
),

detectors as (
    select coalesce(max(detector_version), 0) as detector_version
    from {{ ref('stg_github__file_findings') }}
)

select
    1 as scope_id,
    newest.through_fetch_id,
    newest.newest_observation_as_of,
    coalesce(
        {% if var('as_of') %}{{ text_literal(var('as_of')) }}{% else %}null{% endif %}::timestamptz,
        newest.newest_observation_as_of
    ) as as_of,
    md5({{ settings_hash() }} || '|' || detectors.detector_version) as settings_hash
from newest
cross join detectors
