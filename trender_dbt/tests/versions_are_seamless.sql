with neighbours as (
    select
        *,
        lead(valid_from) over (partition by repo_id order by valid_from) as next_from,
        md5(row(
            node_id, repo_full_name, repo_url, description, homepage_url, language, topics,
            license_spdx, created_at, is_archived, is_fork, uses_render, render_category,
            availability
        )::text) as state
    from {{ ref('dim_repositories') }}
),

compared as (
    select
        *,
        lag(state) over (partition by repo_id order by valid_from) as previous_state
    from neighbours
)

select *
from compared
where
    valid_to is distinct from next_from
    or is_current <> (next_from is null)
    or state = previous_state
