-- One stored card: the newest of its kind and subject, or the one of a given week.
select svg, png, title, alt_text, width, height, as_of, period_start
from analytics.marketing_cards
where
    card_kind = %(kind)s
    and subject = %(subject)s
    and (%(period)s::date is null or period_start = %(period)s)
order by period_start desc
limit 1
