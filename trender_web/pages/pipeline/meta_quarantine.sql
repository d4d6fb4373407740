-- What was refused in the seven days up to a moment, by reason.
select
    reason,
    count(*) as answers,
    max(as_of) as newest
from analytics.quarantined_answers
where
    as_of > %(as_of)s::timestamptz - interval '7 days'
    and as_of <= %(until)s::timestamptz
group by reason
order by answers desc, reason
limit 20
