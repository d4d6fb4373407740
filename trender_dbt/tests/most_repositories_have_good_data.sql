with latest as (
    select distinct on (observation.repo_id)
        observation.repo_id,
        observation.data_quality_score
    from {{ ref('int_observations') }} as observation
    cross join {{ ref('int_build_scope') }} as scope
    where
        observation.reject_reasons = '{}'
        and observation.as_of >= scope.newest_observation_as_of
        - interval '{{ var("current_within_hours") }} hours'
    order by observation.repo_id asc, observation.as_of desc
)

select *
from (
    select
        count(*) as repositories,
        count(*) filter (where data_quality_score >= {{ var('quality_floor') }}) as good
    from latest
) as counted
where good < {{ var('quality_share') }} * repositories
