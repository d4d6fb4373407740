{{ config(materialized='view') }}

-- What was refused, and why: answers that could not be read, and observations SQL rejected.

with unreadable as (
    select
        'raw_quarantine' as origin,
        id as origin_id,
        stream,
        repo_id,
        repo_full_name,
        array[reason] as reasons,
        run_id,
        as_of,
        fetched_at
    from {{ ref('stg_github__unreadable') }}
),

rejected as (
    select
        'fetch_log' as origin,
        fetch_log_id as origin_id,
        'repos' as stream,
        repo_id,
        repo_full_name,
        reject_reasons as reasons,
        run_id,
        as_of,
        fetched_at
    from {{ ref('int_observations') }}
    where reject_reasons <> '{}'
)

select
    {{ surrogate_key(['origin', 'origin_id']) }} as quarantine_key,
    origin,
    origin_id,
    stream,
    repo_id,
    repo_full_name,
    reasons,
    run_id,
    as_of,
    fetched_at
from (
    select * from unreadable
    union all
    select * from rejected
) as quarantined
