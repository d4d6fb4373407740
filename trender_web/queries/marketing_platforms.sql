-- The newest platform comparison, and how many days have one.
select
    report_date, platform_data, summary, sample_size, sample_frame, sentences, as_of,
    (select count(*) from analytics.platform_intelligence) as reports,
    (select min(report_date) from analytics.platform_intelligence) as first_report
from analytics.platform_intelligence
order by report_date desc
limit 1
