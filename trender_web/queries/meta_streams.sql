-- What the newest reading of each stream brought, within the last two days.
with newest as (
    select
        stream,
        max(as_of) as as_of
    from raw.fetch_log
    where as_of > %(as_of)s::timestamptz - interval '2 days'
    group by stream
)

select
    newest.stream,
    newest.as_of,
    count(*) filter (where log.outcome = 'found') as found,
    count(*) filter (where log.outcome = 'absent') as absent,
    count(*) filter (where log.outcome = 'unknown') as unknown,
    (
        select reasons.reason from raw.fetch_log as reasons
        where
            reasons.stream = newest.stream
            and reasons.as_of = newest.as_of
            and reasons.outcome = 'unknown'
        group by reasons.reason
        order by count(*) desc, reasons.reason
        limit 1
    ) as common_reason
from newest
inner join raw.fetch_log as log on newest.stream = log.stream and newest.as_of = log.as_of
group by newest.stream, newest.as_of
order by newest.stream
