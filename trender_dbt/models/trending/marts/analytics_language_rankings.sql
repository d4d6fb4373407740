{{ config(materialized='view') }}

-- The fifty strongest repositories of each language, beside Render's share of all that compete.

with frame as (
    select
        pool,
        count(*) as ranked_count,
        count(*) filter (where uses_render) as render_adoption_count
    from {{ ref('repositories_current') }}
    where rank_in_language is not null
    group by pool
)

select
    language.language_name,
    current_repo.pool,
    current_repo.repo_id,
    current_repo.repo_full_name,
    current_repo.repo_url,
    current_repo.description,
    current_repo.stars,
    current_repo.stars_gained_7d,
    current_repo.star_velocity,
    current_repo.activity_score,
    current_repo.momentum_score,
    current_repo.trend_score,
    current_repo.rank_in_language,
    current_repo.trend_rank_in_language,
    current_repo.previous_rank_in_language,
    current_repo.uses_render,
    current_repo.render_category,
    frame.ranked_count,
    frame.render_adoption_count,
    current_repo.snapshot_date,
    current_repo.as_of,
    current_repo.is_stale
from {{ ref('repositories_current') }} as current_repo
inner join frame on current_repo.pool = frame.pool
inner join {{ ref('dim_languages') }} as language
    on current_repo.pool = language.language_slug
where current_repo.rank_in_language <= 50
