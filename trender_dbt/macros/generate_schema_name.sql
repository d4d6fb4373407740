{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Schemas are named by intent (staging, analytics), never prefixed with the target's. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
