-- The last thirty finished runs, newest first; of a past day, those that had begun by its end.
select
    run_id, job_name, status, trigger, as_of, execution_date, finished_at,
    total_duration_seconds, repos_processed, tasks_executed, tasks_succeeded, tasks_failed,
    tasks_retried, parallel_speedup_factor, sequential_seconds, languages_processed,
    streams_processed, streams_failed, rows_raw, rows_staging, rows_facts, api_requests,
    api_points, steps, api_report, error_details, success_rate
from analytics.fact_workflow_executions
where %(day)s::date is null or execution_date < (%(day)s::date + 1)::timestamp at time zone 'UTC'
order by execution_date desc, execution_id desc
limit 30
