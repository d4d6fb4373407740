-- Followed repositories of the same name elsewhere, or of the same owner.
select repo_full_name
from analytics.repositories_current
where
    availability = 'available'
    and (
        lower(name) = lower(%(name)s)
        or lower(owner_login) = lower(%(owner)s)
        or position(lower(%(name)s) in lower(name)) > 0
    )
order by
    lower(name) = lower(%(name)s) desc,
    lower(owner_login) = lower(%(owner)s) desc,
    stars desc,
    repo_id
limit 6
