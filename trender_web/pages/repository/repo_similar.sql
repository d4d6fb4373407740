-- Five ranked repositories of the same language: most topics in common first, then nearest in size.
select
    other.repo_id, other.repo_full_name, other.description, other.language, other.stars,
    other.stars_gained_7d, other.stars_gained_7d_reason, other.star_velocity,
    other.activity_score, other.momentum_score, other.trend_score, other.rank_in_language,
    other.uses_render,
    cardinality(array(
        select unnest(other.topics) intersect select unnest(%(topics)s::text[])
    )) as topics_in_common
from analytics.repositories_current as other
where other.pool = %(pool)s and other.is_ranked and other.repo_id <> %(repo_id)s
order by
    topics_in_common desc,
    abs(ln(greatest(other.stars, 1)::float8) - ln(greatest(%(stars)s, 1)::float8)),
    other.repo_id
limit 5
