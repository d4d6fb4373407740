with found as (
    select distinct
        log.repo_id,
        log.as_of
    from {{ touched_log_rows('repos', 'found') }}
),

accepted as (
    select
        observation.repo_id,
        observation.as_of
    from {{ touched_observations() }}
    where observation.reject_reasons = '{}'
),

quarantined as (
    select
        rejected.repo_id,
        rejected.as_of
    from {{ ref('stg_repos_quarantined') }} as rejected
    inner join {{ ref('int_touched_repositories') }} as touched
        on rejected.repo_id = touched.repo_id and rejected.as_of >= touched.from_as_of
    where rejected.origin = 'fetch_log'
)

select
    counts.found,
    counts.accepted,
    counts.quarantined
from (
    select
        (select count(*) from found) as found,
        (select count(*) from accepted) as accepted,
        (select count(*) from quarantined) as quarantined
) as counts
where counts.found <> counts.accepted + counts.quarantined
