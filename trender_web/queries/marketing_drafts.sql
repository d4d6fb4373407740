-- The newest monthly drafts.
select period_start, period_end, is_complete, title, markdown, word_count, sentences, stats, as_of
from analytics.monthly_drafts
order by period_start desc
limit 12
