-- What the newest reading of each stream brought.
with newest as (
    select
        known.stream,
        known.title,
        known.position,
        (
            select max(log.as_of) from analytics.attempts as log
            where log.stream = known.stream and log.as_of <= %(until)s::timestamptz
        ) as as_of
    from analytics.stream_registry as known
)

select
    newest.stream,
    newest.title,
    newest.as_of,
    count(*) filter (where log.outcome = 'found') as found,
    count(*) filter (where log.outcome = 'absent') as absent,
    count(*) filter (where log.outcome = 'unknown') as unknown,
    (
        select reasons.reason from analytics.attempts as reasons
        where
            reasons.stream = newest.stream
            and reasons.as_of = newest.as_of
            and reasons.outcome = 'unknown'
        group by reasons.reason
        order by count(*) desc, reasons.reason
        limit 1
    ) as common_reason
from newest
inner join analytics.attempts as log on newest.stream = log.stream and newest.as_of = log.as_of
group by newest.stream, newest.title, newest.position, newest.as_of
order by newest.position
