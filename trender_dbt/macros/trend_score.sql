{#
    trend_score: how strongly a repository is rising among those it competes with, 0 to 100.

    HOW TO CALL IT (one statement, nothing to pre-compute):

        with competitors as (
            select repo_id, pool, snapshot_date, stars,
                stars_gained_1d, stars_gained_7d, stars_gained_28d,
                commits_last_7_days, issues_closed_last_7_days, active_contributors
            from ...
            where <ranked>          -- only repositories that compete: they form the percentiles
        ),
        trend as (
            {{ trend_score('competitors', snapshot='snapshot_date') }}
        )
        select ... from facts left join trend using (repo_id, snapshot_date)

    THE RELATION MUST HOLD, one row per (repo_id, snapshot):
        repo_id                     any type, not null
        pool                        the language's key; rows without a pool are left out
        <snapshot>                  date or timestamp; its name is the argument `snapshot`
        stars                       stars now, not null
        stars_gained_1d, _7d, _28d  stars gained in the last 1, 7, 28 complete days; null = unknown
                                    (a repository younger than the window: its existing days)
        commits_last_7_days, issues_closed_last_7_days, active_contributors   null = unknown
    and, for every (pool, snapshot) it holds, ALL members of that pool.

    IT RETURNS repo_id, pool, <snapshot>, trend_score (float8, null when no gain is known),
    trend_parts (jsonb: pace, growth, activity, each value / percentile / weight / points, where the
    points sum to trend_score; acceleration, shown but not scored; coverage = sum of known weights).

    Definition, sources, back-test and limits: docs/trend-score.md.
#}

{# The weights (of the rates, and of the parts: each sum to 1) and constants, as SQL literals. #}
{% macro trend_constant(name) -%}
    {{ {
        'rate_1d': 0.2, 'rate_7d': 0.4, 'rate_28d': 0.4,
        'pace': 0.8, 'growth': 0.1, 'activity': 0.1,
        'growth_least_prior': 200,
    }[name] }}
{%- endmacro %}

{# Stars per day: the mean of the daily rates over 1, 7 and 28 days, over the known ones.
   Decimal until the one division, so that equal paces are equal to the last bit and tie. #}
{% macro trend_recent_rate(gain_1d, gain_7d, gain_28d) -%}
    (
        coalesce({{ trend_constant('rate_1d') }} * 28 * ({{ gain_1d }})::numeric, 0)
        + coalesce({{ trend_constant('rate_7d') }} * 4 * ({{ gain_7d }})::numeric, 0)
        + coalesce({{ trend_constant('rate_28d') }} * ({{ gain_28d }})::numeric, 0)
    )::float8 / nullif(
        case when {{ gain_1d }} is null then 0 else {{ trend_constant('rate_1d') }} * 28 end
        + case when {{ gain_7d }} is null then 0 else {{ trend_constant('rate_7d') }} * 28 end
        + case when {{ gain_28d }} is null then 0 else {{ trend_constant('rate_28d') }} * 28 end, 0
    )::float8
{%- endmacro %}

{# Mid-rank percentile (0 to 1) of a column among its known values in the pool; null stays null.
   One sort serves all three windows: those before, those equal, all that are known. #}
{% macro trend_percentile(column, snapshot) -%}
    {%- set known = 'partition by pool, ' ~ snapshot ~ ', ' ~ column ~ ' is null' -%}
    case
        when {{ column }} is not null
            then (
                rank() over ({{ known }} order by {{ column }}) - 1
                + count(*) over (
                    {{ known }} order by {{ column }} range between current row and current row
                ) / 2.0
            )::float8 / count(*) over ({{ known }})
    end
{%- endmacro %}

{# One row per competitor with every part's value and percentile. #}
{% macro trend_parts(relation, snapshot='snapshot_date') %}
    select
        *,
        {{ trend_percentile('pace', snapshot) }} as pace_percentile,
        {{ trend_percentile('growth', snapshot) }} as growth_percentile,
        {{ trend_percentile('activity', snapshot) }} as activity_percentile
    from (
        select
            *,
            (
                coalesce(commits_percentile, 0) + coalesce(issues_percentile, 0)
                + coalesce(contributors_percentile, 0)
            ) / nullif(
                num_nonnulls(commits_percentile, issues_percentile, contributors_percentile), 0
            ) as activity
        from (
            select
                *,
                -- shrunk by the pool's typical size: two stars gained by ten is not a trend
                case when stars is not null then (
                    7 * pace / (
                        greatest(stars - 7 * pace, 0)
                        + greatest(pool_median_stars, {{ trend_constant('growth_least_prior') }})
                    )
                )::float8 end as growth,
                {{ trend_percentile('commits_last_7_days', snapshot) }} as commits_percentile,
                {{ trend_percentile('issues_closed_last_7_days', snapshot) }} as issues_percentile,
                {{ trend_percentile('active_contributors', snapshot) }} as contributors_percentile
            from (
                select
                    repo_id,
                    pool,
                    {{ snapshot }},
                    stars,
                    pool_median_stars,
                    commits_last_7_days,
                    issues_closed_last_7_days,
                    active_contributors,
                    {{ trend_recent_rate('stars_gained_1d', 'stars_gained_7d', 'stars_gained_28d') }}
                        as pace,
                    -- the guard matters: greatest(null, 0) is 0 in PostgreSQL
                    case when stars_gained_7d is not null and stars_gained_28d is not null then
                        ln(
                            (greatest(stars_gained_7d, 0) / 7.0 + 1)
                            / (greatest(stars_gained_28d, 0) / 28.0 + 1)
                        )::float8
                    end as acceleration
                from {{ relation }}
                inner join (
                    select
                        pool,
                        {{ snapshot }},
                        percentile_cont(0.5) within group (order by stars) as pool_median_stars
                    from {{ relation }}
                    group by pool, {{ snapshot }}
                ) as pools using (pool, {{ snapshot }})
                where pool is not null
            ) as rates
        ) as ranked
    ) as parts
{%- endmacro %}

{# The score and its explanation, one row per competitor. #}
{% macro trend_score(relation, snapshot='snapshot_date') %}
    select
        repo_id,
        pool,
        {{ snapshot }},
        case when pace is not null then coverage_points / coverage end as trend_score,
        jsonb_build_object(
            {%- for part in ['pace', 'growth', 'activity'] %}
            '{{ part }}', case when {{ part }} is not null then jsonb_build_object(
                'value', {{ part }},
                'percentile', 100 * {{ part }}_percentile,
                'weight', {{ trend_constant(part) }} / coverage,
                'points', 100 * {{ trend_constant(part) }} * {{ part }}_percentile / coverage
            ) end,
            {%- endfor %}
            'acceleration', acceleration,
            'coverage', coverage
        ) as trend_parts
    from (
        select
            *,
            100 * (
                {%- for part in ['pace', 'growth', 'activity'] %}
                {{ '+ ' if not loop.first }}{{ trend_constant(part) }} * coalesce({{ part }}_percentile, 0)
                {%- endfor %}
            ) as coverage_points,
            nullif(
                {%- for part in ['pace', 'growth', 'activity'] %}
                {{ '+ ' if not loop.first }}case when {{ part }} is null then 0 else {{ trend_constant(part) }} end
                {%- endfor %}, 0
            )::float8 as coverage
        from ({{ trend_parts(relation, snapshot) }}) as percentiles
    ) as weighed
{%- endmacro %}
