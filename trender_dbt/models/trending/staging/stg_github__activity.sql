{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[{'columns': ['raw_id'], 'unique': True}],
    post_hook="{{ analyze_when_new() }}",
) }}

-- Each answer about commits, closed issues and commit authors as the moments a count needs.
-- The window moves while an unchanged answer is stored once, so counting waits for the as_of.

with source as (
    select
        id as raw_id,
        repo_id,
        metric_type,
        {{ json_object('metric_data') }} as metric_data,
        is_truncated,
        fetch_timestamp
    from {{ source('raw', 'raw_repo_metrics') }}
    {% if is_incremental() %}
        where id > (select coalesce(max(stored.raw_id), 0) from {{ this }} as stored)
    {% endif %}
)

select
    source.raw_id,
    source.repo_id,
    source.metric_type,
    source.is_truncated,
    case
        when source.metric_type = 'commits' then coalesce(
            {{ json_count("(source.metric_data -> 'totalCount')") }},
            jsonb_array_length({{ json_array("source.metric_data -> 'nodes'") }})
        )
    end as total_count,
    case source.metric_type
        when 'issues' then {{ closing_times('source.metric_data') }}
        when 'contributors' then {{ last_commit_times('source.metric_data') }}
        else '{}'::timestamptz[]
    end as event_times,
    source.fetch_timestamp
from source
