{#- Indexes and constraints that dbt's `indexes` can't express, as post-hooks that may run again. -#}

{% macro named_index(suffix, definition, unique=false) -%}
    {#- In a full refresh the table that is about to be dropped still holds the name. -#}
    {%- set name = this.identifier ~ '_' ~ suffix -%}
    {% if not is_incremental() %}drop index if exists {{ this.schema }}.{{ name }};{% endif %}
    create {{ 'unique ' if unique }}index if not exists {{ name }} on {{ this }} {{ definition }}
{%- endmacro %}

{% macro exclude_overlapping_versions() -%}
    {#- Two versions of one repository never hold at the same time, whoever writes them. Only
        ranges have operator classes for GiST without an extension, so the id is one too. The
        constraint gets a free name from PostgreSQL, as an index name is taken in a full refresh. -#}
    do $$
    begin
        if not exists (
            select from pg_constraint
            where conrelid = '{{ this }}'::regclass and contype = 'x'
        ) then
            alter table {{ this }} add exclude using gist (
                int8range(repo_id, repo_id, '[]') with &&,
                tstzrange(valid_from, valid_to) with &&
            );
        end if;
    end
    $$
{%- endmacro %}
