{{ config(incremental_strategy='delete+insert', unique_key='report_date') }}

{%- set caveat -%}
    'Counted by files: render.yaml, vercel.json, railway.json or railway.toml, fly.toml. A project '
    || 'that deploys without such a file is not seen, which undercounts Vercel most.'
{%- endset %}
{%- set count_query %}
    select count(*) filter (where answer), count(*) filter (where not answer),
        count(*) filter (where answer is null), count(*)
    from analytics.platform_answers where platform = %L
{%- endset %}

-- Which deployment platforms the followed repositories' files name, on one frame for all. Each
-- day's row stays.

with platforms as (
    select * from (
        values (1, 'render', 'Render'), (2, 'vercel', 'Vercel'), (3, 'railway', 'Railway'),
        (4, 'fly', 'Fly')
    ) as platform (place, key, name)
),

counted as (
    select
        platforms.place,
        platforms.key,
        platforms.name,
        answers.pool,
        grouping(answers.pool) = 1 as is_total,
        count(answers.repo_id) as sample_size,
        count(*) filter (where answers.answer) as found,
        count(*) filter (where not answers.answer) as absent,
        nullif(count(answers.answer), 0) as known,
        percentile_cont(0.5) within group (order by answers.stars)
        filter (where answers.answer) as median_stars,
        1.959964::float8 as z
    from platforms
    left join {{ ref('platform_answers') }} as answers on platforms.key = answers.platform
    group by
        platforms.place, platforms.key, platforms.name,
        grouping sets ((), (answers.pool))
),

shares as (
    select
        *,
        sample_size - found - absent as unread,
        found::float8 / known as known_share,
        1 + z * z / known as scale
    from counted
),

intervals as (
    -- Of 95 per cent, by Wilson's score.
    select
        *,
        known_share + z * z / (2 * known) as middle,
        z * sqrt(known_share * (1 - known_share) / known + z * z / (4 * known * known)) as half
    from shares
),

entries as (
    select
        *,
        case when known > 0 then greatest(0, (middle - half) / scale) end as low,
        case when known > 0 then least(1, (middle + half) / scale) end as high
    from intervals
),

objects as (
    select
        *,
        jsonb_build_object(
            'yes', found, 'no', absent, 'unknown', unread, 'sample_size', sample_size,
            'share', known_share, 'low', low, 'high', high, 'median_stars', median_stars
        ) as entry
    from entries
),

told as (
    select
        total.place,
        total.key,
        total.sample_size,
        total.entry
        || jsonb_build_object('by_language', coalesce(languages.entries, '{}')) as entry,
        total.name || case
            when total.known is null
                then
                    ': nothing is known of '
                    || {{ several('total.sample_size', 'repository', 'repositories') }} || '.'
            else
                ': ' || {{ count_text('total.found') }} || ' of '
                || {{ several('total.known', 'repository', 'repositories') }}
                || ' whose files are known (' || to_char(total.known_share * 100, 'FM990.0')
                || ' %, 95 % interval ' || to_char(total.low * 100, 'FM990.0') || ' to '
                || to_char(total.high * 100, 'FM990.0') || ' %), '
                || {{ count_text('total.unread') }} || ' unknown.'
        end as told,
        jsonb_build_array(total.found, total.absent, total.unread, total.sample_size) as numbers
    from objects as total
    cross join
        lateral (
            select jsonb_object_agg(language.pool, language.entry) as entries
            from objects as language
            where language.key = total.key and not language.is_total and language.pool is not null
        ) as languages
    where total.is_total
),

newest as (
    select {{ newest_as_of() }} as as_of
)

select
    (newest.as_of at time zone 'UTC')::date as report_date,
    jsonb_object_agg(told.key, told.entry) || jsonb_build_object(
        'caveat', {{ caveat }},
        'more_than_one', (
            select count(*) from (
                select repo_id
                from {{ ref('platform_answers') }}
                where answer
                group by repo_id
                having count(*) > 1
            ) as several_names
        )
    ) as platform_data,
    string_agg(told.told, ' ' order by told.place) || ' ' || {{ caveat }} as summary,
    max(told.sample_size)::integer as sample_size,
    'Repositories followed for their language (not for Render), available, neither fork nor '
    || 'archived, each once; their root files as last read. Large and rising projects are '
    || 'over-represented, so a share is a share of this frame, not of GitHub.' as sample_frame,
    jsonb_agg(
        {{ claim(
            'told.told', query_text(count_query, ['told.key']), 'told.numbers', 'newest.as_of',
            "'/for-marketing#platforms'"
        ) }}
        order by told.place
    ) as sentences,
    newest.as_of,
    {{ written_by() }} as run_id
from told
cross join newest
where newest.as_of is not null
group by newest.as_of
