-- The newest observation and the newest recorded run.
select
    (
        select max(as_of) from analytics.fact_repo_snapshots
        where snapshot_date = (select max(snapshot_date) from analytics.fact_repo_snapshots)
    ) as as_of,
    (
        select run_id from analytics.fact_workflow_executions
        order by execution_date desc, execution_id desc limit 1
    ) as run_id
