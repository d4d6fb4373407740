select wanted.language_name
from (
    select language_name from {{ tracked_languages() }}
        as tracked (
            language_slug, language_name, requires_nextjs
        )
    union
    select 'Unknown'
) as wanted
left join {{ ref('dim_languages') }} as language
    on wanted.language_name = language.language_name
where language.language_key is null

union all

select min(language_name)
from {{ ref('dim_languages') }}
group by language_slug
having count(*) > 1
