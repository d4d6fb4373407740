-- The newest platform comparison up to a past day, and how many days have one.
select
    report_date, platform_data, summary, sample_size, sample_frame, sentences, as_of,
    (select count(*) from analytics.platform_intelligence) as reports,
    (select min(report_date) from analytics.platform_intelligence) as first_report
from analytics.platform_intelligence
where %(day)s::date is null or report_date <= %(day)s::date
order by report_date desc
limit 1
