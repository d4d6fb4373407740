-- Every language of the dimension with what is known of its repositories.
select
    dim_languages.language_name as name,
    dim_languages.language_slug as slug,
    dim_languages.language_category as category,
    dim_languages.ecosystem_size,
    dim_languages.is_tracked
from analytics.dim_languages
order by not dim_languages.is_tracked, lower(dim_languages.language_name)
