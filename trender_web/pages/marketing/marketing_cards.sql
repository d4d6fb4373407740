-- The week's cards for sharing (of a past day, if one is asked for), without their pictures.
select
    period_start, period_end, card_kind, subject, repo_id, repo_full_name, position, title,
    alt_text, query, link, as_of, png is not null as has_png, png_reason, width, height
from analytics.marketing_cards
where
    card_kind in ('weekly_community', 'featured')
    and period_start = (
        select max(period_start) from analytics.marketing_cards
        where
            card_kind in ('weekly_community', 'featured')
            and (%(day)s::date is null or period_start <= %(day)s::date)
    )
order by card_kind desc, position, repo_full_name
