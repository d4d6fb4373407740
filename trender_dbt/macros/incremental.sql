{#- How facts stay equal to a full refresh while only what changed is computed.

    `int_build_scope` fixes the newest fetch_log.id of a build; `int_touched_repositories` lists
    each repository with the earliest as_of that a not yet processed attempt concerns. Every
    incremental model deletes what those touch, computes it anew from raw, and notes in
    `staging.build_progress` how far it came, all in one transaction. -#}

{% macro incremental_models() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and 'record_progress' in node.raw_code -%}
            {%- do found.append(node.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(found) -%}
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

{% macro log_rows(stream, outcome) -%}
    {#- The attempts of a stream that had an outcome, as `log`, up to the end of `scope`: all of
        them, or those a build must look at. -#}
    {%- if is_incremental() -%}
        {{ touched_log_rows(stream, outcome) }}
    {%- else -%}
        {{ ref('int_build_scope') }} as scope
        inner join {{ ref('stg_fetch_log') }} as log
            on
                log.id <= scope.through_fetch_id
                and log.repo_id is not null
                and log.stream = '{{ stream }}'
                and log.outcome = '{{ outcome }}'
    {%- endif -%}
{%- endmacro %}

{% macro touched_log_rows(stream, outcome) -%}
    {#- The lateral keeps PostgreSQL at 400 index look-ups where its estimate would read it all. -#}
    {{ ref('int_touched_repositories') }} as touched
    cross join {{ ref('int_build_scope') }} as scope
    cross join lateral (
        select entry.*
        from {{ ref('stg_fetch_log') }} as entry
        where
            entry.repo_id = touched.repo_id
            and entry.stream = '{{ stream }}'
            and entry.as_of >= touched.from_as_of
            and entry.outcome = '{{ outcome }}'
            and entry.id <= scope.through_fetch_id
        offset 0
    ) as log
{%- endmacro %}

{% macro observations() -%}
    {#- The observations as `observation`: all of them, or those a build must look at. -#}
    {%- if is_incremental() -%}
        {{ touched_observations() }}
    {%- else -%}
        {{ ref('int_observations') }} as observation
    {%- endif -%}
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

{% macro touched_days() -%}
    select distinct (observation.as_of at time zone 'UTC')::date
    from {{ touched_observations() }}
{%- endmacro %}

{% macro delete_periods(column, periods) -%}
    {% if is_incremental() %}delete from {{ this }} where {{ column }} in ({{ periods }}){% endif %}
{%- endmacro %}

{% macro daily_snapshots(days) -%}
    {#- The daily facts as `snapshot`: all of them, or those of the days a build must look at. -#}
    {%- if is_incremental() -%}
        ({{ days }}) as day (touched)
        cross join lateral (
            select daily.*
            from {{ ref('fact_repo_snapshots') }} as daily
            where daily.snapshot_date = day.touched
            offset 0
        ) as snapshot
    {%- else -%}
        {{ ref('fact_repo_snapshots') }} as snapshot
    {%- endif -%}
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
