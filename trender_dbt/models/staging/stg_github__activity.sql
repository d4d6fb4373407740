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
        where id > (select coalesce(max(raw_id), 0) from {{ this }})
    {% endif %}
),

closed_issues as (
    select
        source.raw_id,
        array_agg(issue.closed_at order by issue.closed_at)
        filter (where issue.closed_at is not null) as event_times
    from source
    cross join
        lateral (
            select {{ text_timestamp("(node ->> 'closedAt')") }} as closed_at
            from jsonb_array_elements({{ json_array("source.metric_data -> 'nodes'") }}) as node
        ) as issue
    where source.metric_type = 'issues'
    group by source.raw_id
),

signatures as (
    select
        source.raw_id,
        coalesce(
            nullif(author.person ->> 'login', ''),
            lower(nullif(author.person ->> 'email', '')),
            nullif(author.person ->> 'name', '')
        ) as identity,
        lower(coalesce(author.person ->> 'login', '')) as login,
        lower(coalesce(author.person ->> 'name', '')) as name,
        {{ text_timestamp("(signed.node ->> 'committedDate')") }} as committed_at
    from source
    cross join
        lateral jsonb_array_elements(
            {{ json_array("source.metric_data -> 'nodes'") }}
        ) as signed (node)
    cross join
        lateral jsonb_array_elements(
            {{ json_array("signed.node -> 'authors'") }}
        ) as author (person)
    where source.metric_type = 'contributors'
),

people as (
    select
        signatures.raw_id,
        signatures.identity,
        max(signatures.committed_at) as last_committed_at
    from signatures
    where
        signatures.identity is not null
        and signatures.committed_at is not null
        and signatures.login not like '%[bot]'
        and signatures.name not like '%[bot]'
        and not exists (
            select 1 from {{ ref('bots') }} as bots
            where bots.login in (signatures.login, signatures.name)
        )
    group by signatures.raw_id, signatures.identity
),

contributors as (
    select
        raw_id,
        array_agg(last_committed_at order by last_committed_at) as event_times
    from people
    group by raw_id
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
    coalesce(closed_issues.event_times, contributors.event_times, '{}') as event_times,
    source.fetch_timestamp
from source
left join closed_issues on source.raw_id = closed_issues.raw_id
left join contributors on source.raw_id = contributors.raw_id
