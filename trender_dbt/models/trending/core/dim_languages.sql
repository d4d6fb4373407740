{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[{'columns': ['language_key'], 'unique': True}],
    pre_hook="{{ delete_all_rows() }}",
) }}

-- Every language a repository has had, the tracked ones, and Unknown for those without one.

with tracked as (
    select * from {{ tracked_languages() }} as tracked (
        language_slug, language_name, requires_nextjs
    )
),

names as (
    select language_name from tracked
    union
    select distinct language from {{ ref('dim_repositories') }}
    union
    select 'Unknown'
),

described as (
    select
        names.language_name,
        tracked.language_slug is not null as is_tracked,
        coalesce(tracked.language_slug, known.slug, {{ slug('names.language_name') }})
            as wanted_slug,
        coalesce(
            known.category, case names.language_name when 'Unknown' then 'unknown' end,
            'other'
        ) as language_category,
        coalesce(known.ecosystem_size, 'unknown') as ecosystem_size
    from names
    left join tracked on names.language_name = tracked.language_name
    left join {{ ref('languages') }} as known on names.language_name = known.name
),

numbered as (
    select
        *,
        row_number() over (
            partition by wanted_slug
            order by is_tracked desc, language_name asc
        ) as position
    from described
)

select
    {{ surrogate_key(['language_name']) }} as language_key,
    language_name,
    case
        when position = 1 then wanted_slug
        else wanted_slug || '-' || left(md5(language_name), 6)
    end as language_slug,
    language_category,
    ecosystem_size,
    is_tracked
from numbered
