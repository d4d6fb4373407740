{#- What the hourly and the daily snapshot have in common. -#}

{% macro snapshot_measure_columns() -%}
    {%- do return([
        'as_of', 'stars', 'forks', 'open_issues', 'watchers', 'stars_gained_1d', 'stars_gained_7d',
        'stars_gained_7d_source', 'stars_gained_7d_reason', 'stars_gained_28d', 'star_window_end',
        'stars_per_day_7d', 'star_velocity_pct_7d', 'star_velocity', 'star_growth_pct_7d',
        'stars_net_1d', 'stars_net_7d', 'stars_net_28d', 'stars_retained_7d',
        'commits_last_7_days', 'issues_closed_last_7_days', 'active_contributors',
        'activity_is_truncated', 'activity_score', 'activity_commits_part',
        'activity_issues_part', 'activity_contributors_part', 'momentum_velocity_part',
        'momentum_activity_part', 'momentum_unboosted', 'render_boost', 'age_factor',
        'momentum_score', 'momentum_reason', 'unranked_reason', 'uses_render', 'nextjs_verdict',
        'data_quality_score', 'created_at',
    ]) -%}
{%- endmacro %}

{% macro snapshot_measures(relation) -%}
    {%- set computed = {
        'stars_per_day_7d': relation ~ '.stars_gained_7d::float8 / 7',
        'star_velocity_pct_7d': relation ~ '.star_velocity',
        'star_growth_pct_7d': relation ~ '.stars_gained_7d::float8 / nullif(greatest('
            ~ relation ~ '.stars - ' ~ relation ~ '.stars_gained_7d, 0), 0)::float8 * 100',
        'created_at': relation ~ '.fetched_at',
    } -%}
    {%- for column in snapshot_measure_columns() -%}
        {{ computed.get(column, relation ~ '.' ~ column) }} as {{ column }}
        {{- ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro ranked(relation, snapshot) -%}
    {#- CTEs that end in `ranked`: every row, with ranks among those that compete.

        A rank is dense and unique: equal scores are ordered by stars, then by the older id. -#}
competitors as (
    select
        repo_id,
        pool,
        {{ snapshot }},
        stars,
        stars_gained_1d,
        stars_gained_7d,
        stars_gained_28d,
        commits_last_7_days,
        issues_closed_last_7_days,
        active_contributors
    from {{ relation }}
    where is_ranked
),

trend as materialized (
    {{ trend_score('competitors', snapshot=snapshot) }}
),

trended as (
    select
        snapshot.*,
        trend.trend_score,
        trend.trend_parts
    from {{ relation }} as snapshot
    left join trend
        on
            snapshot.repo_id = trend.repo_id
            and snapshot.{{ snapshot }} = trend.{{ snapshot }}
),

ranked as (
    select
        *,
        {{ rank_columns([snapshot]) }}
    from trended
)
{%- endmacro %}

{% macro rank_columns(frame) -%}
    {%- set overall = frame | join(', ') -%}
    {%- set within = (frame + ['pool']) | join(', ') -%}
    {%- for name, partition, score, wanted in [
        ('rank_overall', overall, 'momentum_score', 'is_ranked'),
        ('rank_in_language', within, 'momentum_score', 'is_ranked and pool is not null'),
        ('rank_overall_unboosted', overall, 'momentum_unboosted', 'is_ranked'),
        ('rank_in_language_unboosted', within, 'momentum_unboosted',
            'is_ranked and pool is not null'),
        ('trend_rank_overall', overall, 'trend_score', 'is_ranked and trend_score is not null'),
        ('trend_rank_in_language', within, 'trend_score',
            'is_ranked and trend_score is not null and pool is not null'),
    ] -%}
        case
            when {{ wanted }}
                then row_number() over (
                    partition by {{ partition ~ (', ' if partition else '') }}{{ wanted }}
                    order by {{ score }} desc, stars desc, repo_id
                )
        end as {{ name }}
        {{- ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
