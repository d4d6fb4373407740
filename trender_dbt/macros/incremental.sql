{#- How facts stay equal to a full refresh while only what changed is computed.

    `int_build_scope` fixes the newest fetch_log.id of a build; `int_touched_repositories` lists
    each repository with the earliest as_of that a not yet processed attempt concerns. Every
    incremental model deletes what those touch, computes it anew from raw, and notes in
    `staging.build_progress` how far it came, all in one transaction. -#}

{% macro incremental_models() -%}
    {%- do return([
        'int_repo_sources',
        'int_observations',
        'stg_repos_validated',
        'dim_repositories',
        'fact_repo_snapshots_hourly',
        'fact_repo_snapshots',
        'fact_star_days',
        'fact_render_usage',
    ]) -%}
{%- endmacro %}

{% macro create_build_progress() -%}
    create table if not exists staging.build_progress (
        model_name text primary key,
        fetch_log_id bigint not null,
        settings_hash text not null
    )
{%- endmacro %}

{% macro record_progress() -%}
    insert into staging.build_progress (model_name, fetch_log_id, settings_hash)
    select
        '{{ this.name }}',
        through_fetch_id,
        settings_hash
    from {{ ref('int_build_scope') }}
    on conflict (model_name) do update
    set fetch_log_id = excluded.fetch_log_id, settings_hash = excluded.settings_hash
{%- endmacro %}

{% macro analyze_when_new() -%}
    {#- A table that was just built has no statistics until autovacuum comes by; without them
        PostgreSQL expects two rows where there are thousands, and loops over all pairs. -#}
    do $$
    begin
        if not exists (
            select from pg_stats
            where schemaname = '{{ this.schema }}' and tablename = '{{ this.identifier }}'
        ) then
            analyze {{ this }};
        end if;
    end
    $$
{%- endmacro %}

{% macro delete_all_rows() -%}
    {#- Replaces the rows, not the table: views and readers never see it missing. -#}
    {% if is_incremental() %}delete from {{ this }}{% endif %}
{%- endmacro %}

{% macro delete_touched(time_column=none) -%}
    {% if is_incremental() %}
    delete from {{ this }} as target
    using {{ ref('int_touched_repositories') }} as touched
    where
        target.repo_id = touched.repo_id
        {% if time_column %}and target.{{ time_column }} >= touched.from_as_of{% endif %}
    {% endif %}
{%- endmacro %}

{% macro log_rows(stream) -%}
    {#- The attempts of a stream as `log`: all of them, or those a build must look at. The lateral
        keeps PostgreSQL at 400 index look-ups where its estimate would read the whole log. -#}
    {%- if is_incremental() -%}
        {{ touched_log_rows(stream) }}
    {%- else -%}
        (
            select * from {{ source('raw', 'fetch_log') }}
            where stream = '{{ stream }}' and repo_id is not null
        ) as log
    {%- endif -%}
{%- endmacro %}

{% macro touched_log_rows(stream) -%}
    {{ ref('int_touched_repositories') }} as touched
    cross join lateral (
        select entry.*
        from {{ source('raw', 'fetch_log') }} as entry
        where
            entry.repo_id = touched.repo_id
            and entry.stream = '{{ stream }}'
            and entry.as_of >= touched.from_as_of
        offset 0
    ) as log
{%- endmacro %}

{% macro touched_observations() -%}
    {{ ref('int_touched_repositories') }} as touched
    cross join lateral (
        select seen.*
        from {{ ref('int_observations') }} as seen
        where seen.repo_id = touched.repo_id and seen.as_of >= touched.from_as_of
        offset 0
    ) as observation
{%- endmacro %}

{% macro touched_hours() -%}
    select distinct date_trunc('hour', observation.as_of, 'UTC')
    from {{ touched_observations() }}
{%- endmacro %}

{% macro delete_touched_hours() -%}
    {% if is_incremental() %}
    delete from {{ this }} where snapshot_hour in ({{ touched_hours() }})
    {% endif %}
{%- endmacro %}

{% macro touched_days() -%}
    select distinct (observation.as_of at time zone 'UTC')::date
    from {{ touched_observations() }}
{%- endmacro %}

{% macro delete_touched_days() -%}
    {% if is_incremental() %}
    delete from {{ this }} where snapshot_date in ({{ touched_days() }})
    {% endif %}
{%- endmacro %}

{% macro complete_days() -%}
    {#- A day is complete once a later one has been observed. -#}
    {% if is_incremental() %}
    update {{ this }}
    set is_complete_day = true
    where
        not is_complete_day
        and snapshot_date < (
            select (newest_observation_as_of at time zone 'UTC')::date
            from {{ ref('int_build_scope') }}
        )
    {% endif %}
{%- endmacro %}

{% macro surrogate_key(parts) -%}
    {#- A bigint that depends on nothing but its parts. -#}
    ('x' || left(md5(concat_ws('|', {{ parts | join(', ') }})), 16))::bit(64)::bigint
{%- endmacro %}
