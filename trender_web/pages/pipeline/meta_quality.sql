-- How good the data about the repositories is, in steps of a tenth, and which part holds it back;
-- of a past day, only the score itself is kept.
with judged as (
    select
        data_quality_score,
        dq_completeness,
        dq_validity,
        dq_timeliness
    from analytics.repositories_known
    where %(day)s::date is null and availability = 'available'
    union all
    select
        data_quality_score,
        null as dq_completeness,
        null as dq_validity,
        null as dq_timeliness
    from analytics.fact_repo_snapshots
    where snapshot_date = %(day)s::date
)

select
    count(data_quality_score) as repositories,
    count(*) filter (where data_quality_score >= 0.90) as good,
    avg(data_quality_score)::float8 as mean,
    avg(dq_completeness)::float8 as completeness,
    avg(dq_validity)::float8 as validity,
    avg(dq_timeliness)::float8 as timeliness,
    count(*) filter (where data_quality_score < 0.5) as below_50,
    count(*) filter (where data_quality_score >= 0.5 and data_quality_score < 0.6) as from_50,
    count(*) filter (where data_quality_score >= 0.6 and data_quality_score < 0.7) as from_60,
    count(*) filter (where data_quality_score >= 0.7 and data_quality_score < 0.8) as from_70,
    count(*) filter (where data_quality_score >= 0.8 and data_quality_score < 0.9) as from_80,
    count(*) filter (where data_quality_score >= 0.9) as from_90
from judged
