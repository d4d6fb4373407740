{% macro availability_of(reason) -%}
    {#- What an `absent` answer means: blocked by GitHub, or not there (deleted or private). -#}
    case when {{ reason }} like 'blocked%' then 'blocked' else 'gone' end
{%- endmacro %}
