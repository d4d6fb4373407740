-- Repositories whose name holds a text but that don't compete now: unranked, gone, Render only.
select repo_full_name, language, stars, unranked_reason, availability
from analytics.repositories_current
where
    rank_in_language is null
    and availability <> 'blocked'
    and position(lower(%(text)s) in lower(repo_full_name)) > 0
order by stars desc, repo_id
limit 10
