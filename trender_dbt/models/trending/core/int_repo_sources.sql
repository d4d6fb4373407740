{{ config(
    materialized='incremental',
    unique_key=['repo_id', 'source', 'discovered_by'],
    indexes=[{'columns': ['repo_id', 'source', 'discovered_by'], 'unique': True}],
    post_hook=["{{ analyze_when_new() }}", "{{ record_progress() }}"],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}

-- Which source and query found a repository, and when first.

with found as (
    select
        log.repo_id,
        log.source,
        coalesce(query.name, '') as discovered_by,
        min(log.as_of) as first_as_of
    from {{ log_rows('repos', 'found') }}
    left join lateral unnest(log.discovered_by) as query (name) on true
    group by log.repo_id, log.source, coalesce(query.name, '')
)

select
    found.repo_id,
    found.source,
    found.discovered_by,
    found.first_as_of
from found
{% if is_incremental() %}
    left join {{ this }} as known
        on
            found.repo_id = known.repo_id
            and found.source = known.source
            and found.discovered_by = known.discovered_by
    where known.first_as_of is null or found.first_as_of < known.first_as_of
{% endif %}
