{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='repo_id',
    indexes=[{'columns': ['repo_id', 'tag'], 'unique': True}],
    post_hook=["{{ analyze_when_new() }}", "{{ record_progress() }}"],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}

-- Every release that was ever listed, as it was listed last. A repository's releases are computed
-- anew when its newest list is another one.

with newest as (
    select distinct on (log.repo_id)
        log.repo_id,
        log.raw_id
    from {{ log_rows('releases', 'found') }}
    where log.raw_id is not null
    order by log.repo_id asc, log.as_of desc, log.raw_id desc
),

changed as (
    select
        newest.repo_id,
        newest.raw_id as newest_raw_id,
        reading.window_start,
        reading.is_truncated
    from newest
    inner join {{ ref('stg_github__releases') }} as reading on newest.raw_id = reading.raw_id
    {% if is_incremental() %}
        where
            not exists (
                select 1 from {{ this }} as known
                where known.repo_id = newest.repo_id and known.newest_raw_id = newest.raw_id
            )
    {% endif %}
),

releases as (
    select distinct on (changed.repo_id, entry.listed ->> 'tagName')
        changed.*,
        reading.raw_id,
        entry.listed,
        entry.listed ->> 'tagName' as tag,
        {{ text_timestamp("(entry.listed ->> 'publishedAt')") }} as published_at
    from changed
    inner join {{ ref('stg_github__releases') }} as reading
        on changed.repo_id = reading.repo_id and changed.newest_raw_id >= reading.raw_id
    cross join lateral jsonb_array_elements({{ json_array('reading.releases') }}) as entry (listed)
    order by changed.repo_id asc, entry.listed ->> 'tagName' asc, reading.raw_id desc
)

select
    repo_id,
    tag,
    listed ->> 'name' as release_name,
    listed ->> 'url' as release_url,
    published_at,
    {{ json_boolean("(listed -> 'isPrerelease')") }} as is_prerelease,
    raw_id < newest_raw_id and published_at >= window_start and not is_truncated as is_withdrawn,
    newest_raw_id
from releases
where tag is not null and published_at is not null
