-- The newest observation, the newest recorded run, and marks that every build of the models moves:
-- the tables are refilled in place, so neither their identity nor their newest time need change.
select
    (
        select max(as_of) from analytics.fact_repo_snapshots
        where snapshot_date = (select max(snapshot_date) from analytics.fact_repo_snapshots)
    ) as as_of,
    (
        select run_id from analytics.fact_workflow_executions
        order by execution_date desc, execution_id desc limit 1
    ) as run_id,
    (
        select md5(string_agg(model_name || fetch_log_id || settings_hash, ',' order by model_name))
        from analytics.model_builds
    ) as progress,
    (select max(xmin::text::bigint) from analytics.repositories_current) as current_written_by
