-- The newest monthly drafts, up to the month of a past day.
select period_start, period_end, is_complete, title, markdown, word_count, sentences, stats, as_of
from analytics.monthly_drafts
where %(day)s::date is null or period_start <= %(day)s::date
order by period_start desc
limit 12
