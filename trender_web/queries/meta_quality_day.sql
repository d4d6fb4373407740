-- How good the data was on a past day; which part held it back is not kept.
select
    count(data_quality_score) as repositories,
    count(*) filter (where data_quality_score >= 0.90) as good,
    avg(data_quality_score)::float8 as mean,
    null::float8 as completeness,
    null::float8 as validity,
    null::float8 as timeliness,
    count(*) filter (where data_quality_score < 0.5) as below_50,
    count(*) filter (where data_quality_score >= 0.5 and data_quality_score < 0.6) as from_50,
    count(*) filter (where data_quality_score >= 0.6 and data_quality_score < 0.7) as from_60,
    count(*) filter (where data_quality_score >= 0.7 and data_quality_score < 0.8) as from_70,
    count(*) filter (where data_quality_score >= 0.8 and data_quality_score < 0.9) as from_80,
    count(*) filter (where data_quality_score >= 0.9) as from_90
from analytics.fact_repo_snapshots
where snapshot_date = %(day)s
