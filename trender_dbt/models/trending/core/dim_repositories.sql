{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='repo_id',
    indexes=[
        {'columns': ['repo_key'], 'unique': True},
        {'columns': ['repo_id', 'valid_from'], 'unique': True},
    ],
    post_hook=[
        "{{ exclude_overlapping_versions() }}",
        "{{ named_index('one_current', '(repo_id) where is_current', unique=true) }}",
        "{{ named_index('name', '(lower(repo_full_name))') }}",
        "{{ analyze_when_new() }}",
        "{{ record_progress() }}",
    ],
) }}

-- depends_on: {{ ref('int_touched_repositories') }}
-- depends_on: {{ ref('int_observations') }}

-- What a repository was called and said of itself, and when: one row per version.

{% set attributes = [
    'node_id', 'repo_full_name', 'repo_url', 'description', 'homepage_url', 'language', 'topics',
    'license_spdx', 'created_at', 'is_archived', 'is_fork', 'uses_render', 'render_category',
] %}
{% set types = {
    'topics': 'text[]', 'created_at': 'timestamptz', 'is_archived': 'boolean',
    'is_fork': 'boolean', 'uses_render': 'boolean',
} %}
{% set columns = ['repo_key', 'repo_id'] + attributes + [
    'availability', 'valid_from', 'valid_to', 'is_current',
] %}

with sightings as (
    select
        observation.repo_id,
        observation.as_of,
        'available' as availability,
        observation.{{ attributes | join(', observation.') }}
    from {{ observations() }}
    where observation.reject_reasons = '{}'
),

disappearances as (
    select distinct on (log.repo_id, log.as_of)
        log.repo_id,
        log.as_of,
        {{ availability_of('log.reason') }} as availability
    from {{ log_rows('repos', 'absent') }}
    where
        not exists (
            -- Found by another source in the same run: it is there.
            select 1 from {{ ref('stg_fetch_log') }} as other
            where
                other.repo_id = log.repo_id
                and other.stream = 'repos'
                and other.as_of = log.as_of
                and other.outcome = 'found'
                and other.id <= scope.through_fetch_id
        )
    order by log.repo_id asc, log.as_of asc, log.id desc
),

events as (
    select
        repo_id,
        as_of,
        true as is_sighting,
        {{ attributes | join(',\n        ') }},
        availability
    from sightings
    union all
    select
        repo_id,
        as_of,
        false as is_sighting,
        {% for column in attributes %}
            null::{{ types.get(column, 'text') }} as {{ column }},
        {% endfor %}
        availability
    from disappearances
    {% if is_incremental() %}
        union all
        -- The versions that began before what changed stay as they are.
        select
            version.repo_id,
            version.valid_from,
            true as is_sighting,
            version.{{ attributes | join(', version.') }},
            version.availability
        from {{ this }} as version
        inner join {{ ref('int_touched_repositories') }} as touched
            on
                version.repo_id = touched.repo_id
                and version.valid_from < touched.from_as_of
    {% endif %}
),

numbered as (
    -- A disappearance carries what was known of the repository until then.
    select
        *,
        max(case when is_sighting then as_of end)
            over (partition by repo_id order by as_of) as known_as_of
    from events
),

states as (
    select
        event.repo_id,
        event.as_of,
        event.availability,
        {% for column in attributes %}
            known.{{ column }},
        {% endfor %}
        md5(row(
            event.availability,
            {% for column in attributes %}
                known.{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        )::text) as state_hash
    from numbered as event
    inner join numbered as known
        on
            event.repo_id = known.repo_id
            and event.known_as_of = known.as_of
            and known.is_sighting
),

changes as (
    select
        *,
        lag(state_hash) over (partition by repo_id order by as_of) as previous_hash
    from states
),

versions as (
    select
        *,
        lead(as_of) over (partition by repo_id order by as_of) as next_as_of
    from changes
    where state_hash is distinct from previous_hash
),

described as (
    select
        {{ surrogate_key(['repo_id', 'extract(epoch from as_of)']) }} as repo_key,
        repo_id,
        {{ attributes | join(',\n        ') }},
        availability,
        as_of as valid_from,
        next_as_of as valid_to,
        next_as_of is null as is_current
    from versions
)

select *
from described
{% if is_incremental() %}
    where
        repo_id in (
            -- Stands on one side only: a repository without such a row is left as it is.
            select either.repo_id
            from (
                select * from described
                union all
                select {{ columns | join(', ') }}
                from {{ this }} as stored
                where stored.repo_id in (select described.repo_id from described)
            ) as either
            group by {{ columns | join(', ') }}
            having count(*) = 1
        )
{% endif %}
