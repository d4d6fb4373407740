{{ config(materialized='view') }}

{%- set numbers_query %}
    select stars, stars_gained_7d, momentum_score from analytics.fact_repo_snapshots_hourly
    where repo_id = %s and as_of = %L::timestamptz
{%- endset %}
{%- set ranked_query %}
    select repo_full_name, stars_gained_7d, momentum_score from analytics.repositories_current
    where is_ranked order by momentum_score desc, stars desc, repo_id limit 5
{%- endset %}
{%- set render_query %}
    select repo_full_name, stars, momentum_score from analytics.analytics_render_showcase
    where availability = 'available'
    order by momentum_score desc nulls last, stars desc, repo_id limit 5
{%- endset %}

-- What the week's cards show, one row per card: the five strongest community projects, three
-- featured ones a category, each ranked repository and each that has to do with Render, the pages.

with newest as (
    select {{ newest_as_of() }} as as_of
),

shown as (
    select
        current_repo.repo_id,
        current_repo.repo_full_name,
        current_repo.description,
        current_repo.language,
        current_repo.stars,
        current_repo.stars_gained_7d,
        current_repo.momentum_score,
        current_repo.rank_overall,
        current_repo.uses_render,
        current_repo.render_category,
        current_repo.pool,
        current_repo.is_ranked,
        current_repo.as_of,
        showcase.repo_id is not null as is_showcased,
        row_number() over (
            order by
                current_repo.momentum_score desc nulls last,
                current_repo.stars desc,
                current_repo.repo_id asc
        ) as strength
    from {{ ref('repositories_current') }} as current_repo
    left join {{ ref('analytics_render_showcase') }} as showcase
        on current_repo.repo_id = showcase.repo_id
    where
        current_repo.availability = 'available'
        and (current_repo.rank_in_language <= 100 or showcase.repo_id is not null)
),

star_days as (
    -- Of the 28 days before the newest, by one source per repository.
    select
        day.repo_id,
        day.star_date,
        day.stars_gained,
        day.source,
        bool_or(day.source = 'github_history') over (partition by day.repo_id) as has_history
    from newest
    inner join {{ ref('fact_star_days') }} as day
        on
            day.star_date >= (newest.as_of at time zone 'UTC')::date - 28
            and day.star_date < (newest.as_of at time zone 'UTC')::date
),

known_days as (
    select
        repo_id,
        star_date,
        stars_gained
    from star_days
    where source = case when has_history then 'github_history' else 'own_snapshots' end
),

spans as (
    select
        repo_id,
        max(star_date) as last_day
    from known_days
    group by repo_id
),

calendars as (
    -- To the last day that is known: GitHub's calendar has not completed the newest one yet.
    select
        spans.repo_id,
        array_agg(known_days.stars_gained order by calendar.star_date) as curve
    from spans
    cross join newest
    inner join lateral generate_series(
        (newest.as_of at time zone 'UTC')::date - 28, spans.last_day, interval '1 day'
    ) as calendar (star_date) on true
    left join known_days
        on spans.repo_id = known_days.repo_id and calendar.star_date = known_days.star_date
    group by spans.repo_id
),

placed as (
    select
        *,
        row_number() over (partition by is_showcased, render_category order by strength) as place,
        coalesce(nullif(render_category, 'uncategorised'), '') as category
    from shown
),

repository_cards as (
    select
        'weekly_community' as card_kind,
        placed.place as position,
        'Render community, week '
        || extract(week from newest.as_of at time zone 'UTC') as chosen_for,
        placed.*
    from placed
    cross join newest
    where placed.is_showcased and placed.category = 'community' and placed.place <= 5
    union all
    select
        'featured' as card_kind,
        place as position,
        category as chosen_for,
        placed.*
    from placed
    where is_showcased and category <> '' and place <= 3
    union all
    select
        'repository' as card_kind,
        null as position,
        category as chosen_for,
        placed.*
    from placed
),

page_rows as (
    select
        'trending' as subject,
        row_number() over (order by strength) as place,
        *
    from shown
    where is_ranked
    union all
    select
        'render' as subject,
        row_number() over (order by strength) as place,
        *
    from shown
    where is_showcased
    union all
    select
        'language/' || pool as subject,
        row_number() over (partition by pool order by strength) as place,
        *
    from shown
    where is_ranked and pool is not null
),

lists as (
    select
        subject,
        min(language) filter (where place = 1) as language,
        jsonb_agg(jsonb_build_array(repo_full_name, stars_gained_7d) order by place)
        filter (where place <= 5) as listed
    from page_rows
    group by subject
),

counts as (
    select count(*) as ranked_count
    from {{ ref('repositories_current') }}
    where is_ranked
),

pages as (
    select
        'trending' as subject,
        'Rising on GitHub' as title,
        'By momentum, among ' || ranked_count || ' ranked repositories' as lead_text,
        {{ query_text(ranked_query) }} as query,
        '/' as link
    from counts
    union all
    select
        'render' as subject,
        'Built with Render' as title,
        count(*) || ' projects, by momentum' as lead_text,
        {{ query_text(render_query) }} as query,
        '/render' as link
    from shown
    where is_showcased
    union all
    select
        subject,
        'Rising in ' || language as title,
        'By momentum, among what we follow' as lead_text,
        {{ query_text(ranked_query) }} as query,
        '/' || subject as link
    from lists
    where subject like 'language/%'
),

cards as (
    select
        card.card_kind,
        card.repo_id::text as subject,
        card.position,
        card.repo_id,
        card.repo_full_name,
        card.description,
        card.language,
        card.stars,
        card.stars_gained_7d,
        card.momentum_score,
        card.rank_overall,
        coalesce(card.uses_render, false) as uses_render,
        card.chosen_for,
        coalesce(calendars.curve, '{}') as curve,
        null as title,
        null as lead_text,
        null::jsonb as listed,
        {{ query_text(numbers_query, ['card.repo_id', utc_iso('card.as_of')]) }} as query,
        '/repo/' || card.repo_full_name as link,
        card.as_of
    from repository_cards as card
    left join calendars on card.repo_id = calendars.repo_id
    union all
    select
        'page' as card_kind,
        pages.subject,
        null as position,
        null as repo_id,
        null as repo_full_name,
        null as description,
        null as language,
        null as stars,
        null as stars_gained_7d,
        null as momentum_score,
        null as rank_overall,
        null as uses_render,
        null as chosen_for,
        null as curve,
        pages.title,
        pages.lead_text,
        coalesce(lists.listed, '[]') as listed,
        pages.query,
        pages.link,
        newest.as_of
    from pages
    cross join newest
    left join lists on pages.subject = lists.subject
)

select
    date_trunc('week', newest.as_of at time zone 'UTC')::date as period_start,
    date_trunc('week', newest.as_of at time zone 'UTC')::date + 6 as period_end,
    cards.*,
    counts.ranked_count
from cards
cross join newest
cross join counts
where newest.as_of is not null
