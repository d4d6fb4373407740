-- The newest finished run that read repositories, as it was measured; cards are made in runs of
-- their own, which come after. Before any has read, the newest.
select
    execution_date, finished_at, status, total_duration_seconds, repos_processed, tasks_executed,
    tasks_succeeded, tasks_failed, tasks_retried, parallel_speedup_factor, success_rate,
    languages_processed, streams_failed
from analytics.fact_workflow_executions
order by coalesce(repos_processed > 0, false) desc, execution_date desc, execution_id desc
limit 1
