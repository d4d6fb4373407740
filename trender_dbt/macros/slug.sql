{% macro slug(name) -%}
    {#- A page address for a language: "C#" is csharp, "Jupyter Notebook" jupyter-notebook. A name
        without a Latin letter or digit gets its hash. -#}
    coalesce(
        nullif(left(trim(both '-' from regexp_replace(
            replace(replace(lower({{ name }}), '#', 'sharp'), '+', 'p'),
            '[^a-z0-9]+', '-', 'g'
        )), 60), ''),
        'language-' || left(md5({{ name }}), 8)
    )
{%- endmacro %}
