-- How fresh each source is: its repositories, and what its newest reading of two days was.
with newest as (
    select
        log.source,
        max(log.as_of) filter (where log.outcome = 'found') as last_found
    from analytics.attempts as log
    where
        log.stream = 'repos'
        and log.as_of > %(as_of)s::timestamptz - interval '2 days'
        and log.as_of <= %(until)s::timestamptz
    group by log.source
),

outcomes as (
    select
        log.source,
        log.as_of,
        count(*) filter (where log.outcome = 'found') as found,
        count(*) filter (where log.outcome = 'absent') as absent,
        count(*) filter (where log.outcome = 'unknown') as unknown
    from analytics.attempts as log
    inner join newest on log.source = newest.source and log.as_of = newest.last_found
    where log.stream = 'repos' and log.as_of > %(as_of)s::timestamptz - interval '2 days'
    group by log.source, log.as_of
),

known as (
    select
        source,
        count(distinct repo_id) as repositories
    from analytics.repository_sources
    where first_as_of <= %(until)s::timestamptz
    group by source
)

select
    coalesce(known.source, outcomes.source) as source,
    coalesce(known.repositories, 0) as repositories,
    outcomes.as_of as last_found,
    outcomes.found,
    outcomes.absent,
    outcomes.unknown
from known
full outer join outcomes on known.source = outcomes.source
order by source
