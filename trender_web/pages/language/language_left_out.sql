-- Why repositories of a language that are followed don't compete.
select
    coalesce(
        case when nextjs_verdict is not null and unranked_reason like '%%Next.js%%'
            then 'Next.js verdict: ' || nextjs_verdict end,
        unranked_reason,
        case when momentum_score is null then 'a part of momentum is not known' end,
        'not seen lately'
    ) as reason,
    count(*) as repositories
from analytics.repositories_current
where pool = %(pool)s and is_current and not is_ranked
group by 1
order by repositories desc, reason
