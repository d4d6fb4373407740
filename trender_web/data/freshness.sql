-- How the newest recorded run ended, whether a later one has begun to land data, and whether the
-- schedule began any of the recent ones.
with last_run as (
    select run_id, status, finished_at, error_details
    from analytics.fact_workflow_executions
    order by execution_date desc, execution_id desc
    limit 1
),

newest_fetch as (
    select run_id, loaded_at
    from analytics.attempts
    order by id desc
    limit 1
)

select
    last_run.status as last_status,
    last_run.finished_at as last_finished,
    coalesce(last_run.error_details ->> 'message', last_run.error_details ->> 'summary') as last_error,
    case
        when newest_fetch.run_id is distinct from last_run.run_id
            and not exists (
                select 1 from analytics.fact_workflow_executions as finished
                where finished.run_id = newest_fetch.run_id
            ) then newest_fetch.loaded_at
    end as running_since,
    exists (
        select 1
        from (
            select trigger
            from analytics.fact_workflow_executions
            order by execution_date desc, execution_id desc
            limit 30
        ) as recent
        where recent.trigger = 'schedule'
    ) as is_scheduled
from (select 1 as one) as always
left join last_run on true
left join newest_fetch on true
