-- Which share of the ranked repositories of its language a repository exceeds, by measure.
select
    count(*) as competitors,
    avg((stars_gained_7d < %(gained)s)::int::float8) as gained_above,
    avg((star_velocity < %(velocity)s)::int::float8) as velocity_above,
    avg((activity_score < %(activity)s)::int::float8) as activity_above,
    avg((momentum_score < %(momentum)s)::int::float8) as momentum_above
from analytics.repositories_current
where pool = %(pool)s and is_ranked and repo_id <> %(repo_id)s
