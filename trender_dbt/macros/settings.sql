{#- The pipeline's settings as SQL: what --vars says, quoted safely. -#}

{% macro text_literal(value) -%}
    '{{ (value | string).replace("'", "''") }}'
{%- endmacro %}

{% macro text_array(values) -%}
    array[
        {%- for value in values %}{{ text_literal(value) }}{{ ", " if not loop.last }}{% endfor -%}
    ]::text[]
{%- endmacro %}

{% macro lowered(values) -%}
    {%- do return(values | map('string') | map('lower') | list) -%}
{%- endmacro %}

{% macro language_slugs() -%}
    {{ text_array(var('languages') | map(attribute='slug') | list) }}
{%- endmacro %}

{% macro tracked_languages() -%}
    {#- A derived table: language_slug, language_name, requires_nextjs. -#}
    (
        values
        {%- for language in var('languages') %}
        (
            {{ text_literal(language['slug']) }},
            {{ text_literal(language['name']) }},
            {{ 'true' if language.get('requires_nextjs') else 'false' }}
        ){{ "," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro settings_hash() -%}
    {#- Changes whenever a setting that history depends on changes. -#}
    {%- set parts = [] -%}
    {%- for language in var('languages') -%}
        {%- do parts.append(
            language['slug'] ~ '=' ~ language['name']
            ~ '=' ~ (language.get('requires_nextjs') or false)
        ) -%}
    {%- endfor -%}
    {%- do parts.extend(lowered(var('official_orgs')) | sort) -%}
    {%- do parts.append('employees') -%}
    {%- do parts.extend(lowered(var('employees')) | sort) -%}
    {{ text_literal(local_md5(parts | join('|'))) }}
{%- endmacro %}
