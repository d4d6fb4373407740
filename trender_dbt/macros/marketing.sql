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

{% macro utc_iso(moment) -%}
    to_char({{ moment }} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
{%- endmacro %}

{% macro count_text(number) -%}
    to_char({{ number }}, 'FM999,999,999,999,990')
{%- endmacro %}

{% macro several(number, one, many=none) -%}
    {#- "1 repository", "12 repositories". -#}
    {{ count_text(number) }}
    || case
        when {{ number }} = 1 then {{ text_literal(' ' ~ one) }}
        else {{ text_literal(' ' ~ (many or one ~ 's')) }}
    end
{%- endmacro %}

{% macro query_text(template, values=[]) -%}
    {#- SQL on one line, with ids, days and times written into it, so that anybody can run it again:
        %s a number, %L anything that has to be quoted. -#}
    format({{ ([text_literal(template.split() | join(' '))] + values) | join(', ') }})
{%- endmacro %}

{% macro claim(text, query, values, as_of, link) -%}
    {#- A sentence with what proves it: the query's first row is the jsonb list
        `values` again. -#}
    jsonb_build_object(
        'text', {{ text }},
        'query', {{ query }},
        'values', {{ values }},
        'as_of', {{ utc_iso(as_of) }},
        'link', {{ link }}
    )
{%- endmacro %}

{% macro story_criteria() -%}
    jsonb_build_object(
        {%- for name in ['minimum_stars', 'growth_percent', 'growth_days', 'minimum_base'] %}
        '{{ name }}', {{ var('story_' ~ name) }}{{ "," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro markdown_text(text, limit=none) -%}
    {#- A stranger's text on one line, clipped, that stays text in Markdown and in the HTML made of
        it. GitHub's flavour makes a link of a bare address. -#}
    {%- set line = "btrim(regexp_replace(" ~ text ~ ", '[[:space:]]+', ' ', 'g'))" -%}
    {%- if limit -%}
        {%- set line -%}
            case
                when length({{ line }}) <= {{ limit }} then {{ line }}
                else rtrim(left({{ line }}, {{ limit - 1 }})) || '…'
            end
        {%- endset -%}
    {%- endif -%}
    replace(replace(replace(
        regexp_replace(
            replace(replace(replace({{ line }}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
            '([\\`*_\[\]|~])', '\\\1', 'g'
        ),
        '://', '\://'
    ), 'www.', 'www\.'), '@', '\@')
{%- endmacro %}
