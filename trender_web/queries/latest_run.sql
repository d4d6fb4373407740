-- The newest finished run that succeeded at least partly, as it was measured.
select
    execution_date, finished_at, status, total_duration_seconds, repos_processed, tasks_executed,
    tasks_succeeded, tasks_failed, tasks_retried, parallel_speedup_factor, success_rate,
    languages_processed, streams_failed
from analytics.fact_workflow_executions
order by execution_date desc, execution_id desc
limit 1
