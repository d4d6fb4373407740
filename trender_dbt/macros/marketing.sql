{#- What the marketing models share: the moment they speak of, and sentences that prove themselves. -#}

{% macro newest_as_of() -%}
    (
        select max(newest.as_of)
        from {{ ref('fact_repo_snapshots') }} as newest
        where newest.snapshot_date = (
            select max(last.snapshot_date) from {{ ref('fact_repo_snapshots') }} as last
        )
    )
{%- endmacro %}

{% macro newest_day() -%}
    ({{ newest_as_of() }} at time zone 'UTC')::date
{%- endmacro %}

{% macro month_of(day) -%}
    date_trunc('month', ({{ day }})::timestamp)::date
{%- endmacro %}

{% macro written_by() -%}
    {#- Read while it runs only: a variable that parsing sees makes dbt parse the model anew. -#}
    {{ text_literal(env_var('TRENDER_RUN_ID', 'dbt') if execute else '') }}
{%- endmacro %}
