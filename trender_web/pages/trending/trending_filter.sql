,

measured as (
    select
        frame.*,
        case %(sort)s
            when 'rank' then frame.rank_overall
            when 'unboosted' then frame.rank_overall_unboosted
            when 'stars' then -frame.stars
            when 'forks' then -frame.forks
            when 'gained_1d' then -frame.stars_gained_1d
            when 'gained_7d' then -frame.stars_gained_7d
            when 'gained_28d' then -frame.stars_gained_28d
            when 'velocity' then -frame.star_velocity
            when 'activity' then -frame.activity_score
            when 'commits' then -frame.commits_last_7_days
            when 'momentum' then -frame.momentum_score
            when 'trend' then -frame.trend_score
        end::float8 as sort_value
    from frame
    where
        (%(pools)s::text[] is null or frame.pool = any(%(pools)s::text[]))
        and (not %(render)s or frame.uses_render)
        and (not %(new)s or frame.first_ranked_date > frame.snapshot_date - 7)
        and (
            %(text)s = ''
            or position(lower(%(text)s) in lower(frame.repo_full_name)) > 0
            or position(lower(%(text)s) in lower(coalesce(frame.description, ''))) > 0
            or lower(%(text)s) = any(frame.topics)
        )
),

placed as (
    select
        measured.*,
        coalesce(
            case when %(ascending)s then -measured.sort_value else measured.sort_value end,
            'infinity'::float8
        ) as place
    from measured
),

counted as (
    select
        placed.*,
        count(*) over () as total_count
    from placed
)

select
    repo_id, repo_full_name, repo_url, language, pool, description, topics, uses_render,
    render_category, stars, forks, open_issues, watchers, stars_gained_1d, stars_gained_7d,
    stars_gained_7d_source, stars_gained_7d_reason, stars_gained_28d, stars_per_day_7d,
    star_velocity, star_growth_pct_7d, stars_net_7d, stars_retained_7d, commits_last_7_days,
    issues_closed_last_7_days, active_contributors, activity_score, momentum_velocity_part,
    momentum_activity_part, momentum_unboosted, render_boost, age_factor, momentum_score,
    trend_score, rank_overall, rank_in_language, rank_overall_unboosted,
    rank_in_language_unboosted, trend_rank_overall, trend_rank_in_language,
    previous_rank_overall, previous_rank_in_language, first_ranked_date, data_quality_score,
    snapshot_date, as_of, is_stale, place, total_count
from counted
where
    %(after_place)s::float8 is null
    or (place, repo_id) > (%(after_place)s::float8, %(after_id)s::bigint)
order by place, repo_id
limit %(limit)s
