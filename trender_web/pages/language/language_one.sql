-- A language by its slug, or by GitHub's name for it.
select
    language_name as name, language_slug as slug, language_category as category, ecosystem_size,
    is_tracked
from analytics.dim_languages
where language_slug = lower(%(wanted)s) or lower(language_name) = lower(%(wanted)s)
order by language_slug = lower(%(wanted)s) desc
limit 1
