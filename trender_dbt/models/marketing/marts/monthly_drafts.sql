{{ config(incremental_strategy='delete+insert', unique_key='period_start') }}

{%- set frame_query %}
    select count(distinct repo_id), count(distinct repo_id) filter (where uses_render)
    from analytics.fact_repo_snapshots where snapshot_date between %L::date and %L::date
{%- endset %}
{%- set new_query %}
    select count(*) from (
        select repo_id from analytics.fact_repo_snapshots
        where snapshot_date <= %L::date group by repo_id
        having min(snapshot_date) >= %L::date
    ) as first_seen
{%- endset %}
{%- set gains_query %}
    with days as (
        select star_days.repo_id, star_days.stars_gained, star_days.source,
            bool_or(star_days.source = 'github_history')
                over (partition by star_days.repo_id) as has_history
        from analytics.fact_star_days as star_days
        where star_days.star_date between %L::date and %L::date
    )
    select count(distinct repo_id), coalesce(sum(stars_gained), 0)::bigint from days
    where source = case when has_history then 'github_history' else 'own_snapshots' end
{%- endset %}
{%- set repository_query %}
    select sum(stars_gained)::bigint from analytics.fact_star_days
    where repo_id = %s and source = %L and star_date between %L::date and %L::date
{%- endset %}
{%- set service_query %}
    select count(distinct repo_id) from analytics.fact_render_usage
    where service_type = %L and snapshot_date between %L::date and %L::date
{%- endset %}

-- A blog draft in Markdown for this month to date and for the month before it, each sentence with
-- its evidence. Repositories are counted once; star counts are never summed over days, gains are,
-- because each day's are new. A month that is over stops changing when its last gains have arrived.

with this_month as (
    select {{ month_of(newest_day()) }} as period_start
),

months as (
    select
        period_start,
        (period_start + interval '1 month')::date - 1 as period_end
    from (
        select period_start from this_month
        union all
        select (period_start - interval '1 month')::date from this_month
    ) as both_months
),

first_seen as (
    select
        repo_id,
        min(snapshot_date) as first_day
    from {{ ref('fact_repo_snapshots') }}
    group by repo_id
),

totals as (
    select
        months.period_start,
        months.period_end,
        max(snapshot.snapshot_date) as through,
        max(snapshot.as_of) as as_of,
        count(distinct snapshot.repo_id) as repositories,
        count(distinct snapshot.repo_id) filter (where snapshot.uses_render) as render_repositories
    from months
    inner join {{ ref('fact_repo_snapshots') }} as snapshot
        on snapshot.snapshot_date between months.period_start and months.period_end
    group by months.period_start, months.period_end
),

days as (
    select
        totals.period_start,
        star_days.repo_id,
        star_days.stars_gained,
        star_days.source,
        bool_or(star_days.source = 'github_history')
            over (partition by totals.period_start, star_days.repo_id)
            as has_history
    from totals
    inner join {{ ref('fact_star_days') }} as star_days
        on star_days.star_date between totals.period_start and totals.through
),

gains as (
    -- By one source per repository.
    select
        period_start,
        repo_id,
        min(source) as source,
        sum(stars_gained)::bigint as gained
    from days
    where source = case when has_history then 'github_history' else 'own_snapshots' end
    group by period_start, repo_id
),

gained as (
    select
        period_start,
        count(*) as repositories,
        sum(gained)::bigint as stars
    from gains
    group by period_start
),

facts as (
    select
        totals.*,
        to_char(totals.period_start, 'FMMonth YYYY') as month_name,
        totals.through >= totals.period_end as is_over,
        coalesce(gained.repositories, 0) as repositories_with_gains,
        coalesce(gained.stars, 0) as stars_gained,
        -- In the month in which observing began "new" says nothing.
        case when seen.began < totals.period_start then seen.arrived end as new_repositories
    from totals
    left join gained on totals.period_start = gained.period_start
    cross join lateral (
        select
            min(first_seen.first_day) as began,
            count(*) filter (
                where first_seen.first_day between totals.period_start and totals.period_end
            ) as arrived
        from first_seen
    ) as seen
),

risers as (
    select
        facts.*,
        gains.repo_id,
        gains.source,
        gains.gained,
        last_day.stars,
        last_day.uses_render,
        version.repo_full_name,
        version.description,
        version.language,
        row_number() over (
            partition by facts.period_start
            order by gains.gained desc, last_day.stars desc, gains.repo_id asc
        ) as place
    from gains
    inner join facts on gains.period_start = facts.period_start
    inner join lateral (
        select snapshot.*
        from {{ ref('fact_repo_snapshots') }} as snapshot
        where
            snapshot.repo_id = gains.repo_id
            and snapshot.snapshot_date between facts.period_start and facts.through
        order by snapshot.snapshot_date desc
        limit 1
    ) as last_day on true
    inner join {{ ref('dim_repositories') }} as version on last_day.repo_key = version.repo_key
    where
        gains.gained > 0
        and not version.is_fork
        and not exists (
            select 1 from {{ ref('stg_repos_validated') }} as known
            where known.repo_id = gains.repo_id and known.availability <> 'available'
        )
),

services as (
    select
        facts.period_start,
        declared.service_type,
        count(distinct declared.repo_id) as repositories
    from facts
    inner join {{ ref('fact_render_usage') }} as declared
        on declared.snapshot_date between facts.period_start and facts.through
    where declared.service_type not like 'unknown:%'
    group by facts.period_start, declared.service_type
),

sentences as (
    select
        period_start,
        'opening' as section,
        1 as place,
        'In ' || month_name || case
            when is_over then '' else to_char(through, ' "(to "FMDD FMMonth")"')
        end || ' Trender followed ' || {{ several('repositories', 'repository', 'repositories') }}
        || '; ' || {{ count_text('render_repositories') }}
        || ' of them had a valid Render Blueprint.' as told,
        {{ query_text(frame_query, ['period_start', 'through']) }} as query,
        jsonb_build_array(repositories, render_repositories) as numbers,
        '/' as link,
        '' as about
    from facts
    union all
    select
        period_start,
        'opening' as section,
        2 as place,
        {{ several('new_repositories', 'repository was', 'repositories were') }}
        || ' seen for the first time.' as told,
        {{ query_text(new_query, ['through', 'period_start']) }} as query,
        jsonb_build_array(new_repositories) as numbers,
        '/?new=1' as link,
        '' as about
    from facts
    where new_repositories is not null
    union all
    select
        period_start,
        'opening' as section,
        3 as place,
        'The ' || {{ several('repositories_with_gains', 'repository', 'repositories') }}
        || ' whose daily stars are known gained ' || {{ several('stars_gained', 'star') }}
        || ' together.' as told,
        {{ query_text(gains_query, ['period_start', 'through']) }} as query,
        jsonb_build_array(repositories_with_gains, stars_gained) as numbers,
        '/?window=30d' as link,
        '' as about
    from facts
    union all
    select
        period_start,
        'risers' as section,
        place,
        repo_full_name || ' (' || language || case
            when uses_render then ', a Render project' else ''
        end || ') gained ' || {{ several('gained', 'star') }} || ' and stands at '
        || {{ count_text('stars') }} || '.' as told,
        {{ query_text(
            repository_query, ['repo_id', 'source', 'period_start', 'through']
        ) }} as query,
        jsonb_build_array(gained) as numbers,
        '/repo/' || repo_full_name as link,
        coalesce(' ' || {{ markdown_text('description', 160) }}, '') as about
    from risers
    where place <= 10
    union all
    select
        services.period_start,
        'services' as section,
        row_number() over (
            partition by services.period_start
            order by services.repositories desc, services.service_type asc
        ) as place,
        {{ several('services.repositories', 'Blueprint declares', 'Blueprints declare') }}
        || ' a service of type ' || services.service_type || '.' as told,
        {{ query_text(
            service_query, ['services.service_type', 'facts.period_start', 'facts.through']
        ) }} as query,
        jsonb_build_array(services.repositories) as numbers,
        '/render#services' as link,
        '' as about
    from services
    inner join facts on services.period_start = facts.period_start
),

numbered as (
    -- The sections' names are in the order of the draft.
    select
        sentences.*,
        facts.as_of,
        row_number() over (
            partition by sentences.period_start order by sentences.section, sentences.place
        ) as number
    from sentences
    inner join facts on sentences.period_start = facts.period_start
),

told as (
    select
        *,
        {{ markdown_text('told') }} || '[^' || number || ']' || about as line_text,
        {{ claim('told', 'query', 'numbers', 'as_of', 'link') }} as sentence
    from numbered
),

parts as (
    select
        period_start,
        string_agg(line_text, ' ' order by number) filter (where section = 'opening') as opening,
        string_agg(place || '. ' || line_text, e'\n' order by number)
        filter (where section = 'risers') as risers,
        string_agg('- ' || line_text, e'\n' order by number)
        filter (where section = 'services') as services,
        string_agg(
            '[^' || number || ']: ' || (sentence ->> 'as_of') || ', ' || link || ' — `' || query
            || '`',
            e'\n' order by number
        ) as evidence,
        jsonb_agg(sentence order by number) as sentences
    from told
    group by period_start
),

drafts as (
    select
        facts.*,
        parts.sentences,
        parts.evidence,
        'What rose on GitHub in ' || facts.month_name as title,
        '# What rose on GitHub in ' || facts.month_name || e'\n\n' || case
            when facts.is_over then ''
            else '*The month is not over: numbers to ' || facts.through || e'.*\n\n'
        end || parts.opening || e'\n\n## The strongest risers\n\n'
        || coalesce(parts.risers, 'No daily gains are known for this month.')
        || coalesce(e'\n\n## What Render Blueprints declare\n\n' || parts.services, '')
        || e'\n\n## How this was counted\n\nRepositories are counted once however many days they '
        || 'were seen. Stars gained are daily gains of one source per repository, GitHub''s own '
        || 'history where there is any. We follow a bounded sample, so this is what rose among '
        || e'what we follow.\n\n' as body
    from facts
    inner join parts on facts.period_start = parts.period_start
)

select
    period_start,
    through as period_end,
    is_over as is_complete,
    title,
    body || e'## Evidence\n\n' || evidence || e'\n' as markdown,
    array_length(regexp_split_to_array(btrim(body, e' \n'), '[[:space:]]+'), 1) as word_count,
    sentences,
    jsonb_build_object(
        'repositories', repositories,
        'render_repositories', render_repositories,
        'new_repositories', new_repositories,
        'repositories_with_gains', repositories_with_gains,
        'stars_gained', stars_gained,
        'services', (
            select coalesce(jsonb_object_agg(services.service_type, services.repositories), '{}')
            from services
            where services.period_start = drafts.period_start
        ),
        'through', through
    ) as stats,
    as_of,
    {{ written_by() }} as run_id
from drafts
