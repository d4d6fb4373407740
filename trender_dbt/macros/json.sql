{#- Total readers of hostile JSON: a value that isn't what it should be becomes NULL, never an
    error and never a guess. -#}

{% macro json_count(value) -%}
    {#- A whole number from 0 to 2^53; anything else (text, -1, 1e400, 1.5) is NULL. -#}
    case
        when jsonb_typeof({{ value }}) = 'number'
            then case
                when
                    ({{ value }})::numeric between 0 and 9007199254740992
                    and ({{ value }})::numeric = trunc(({{ value }})::numeric)
                    then ({{ value }})::numeric::bigint
            end
    end
{%- endmacro %}

{% macro json_boolean(value) -%}
    case {{ value }} when 'true'::jsonb then true when 'false'::jsonb then false end
{%- endmacro %}

{% macro json_array(value) -%}
    case when jsonb_typeof({{ value }}) = 'array' then {{ value }} else '[]'::jsonb end
{%- endmacro %}

{% macro json_object(value) -%}
    case when jsonb_typeof({{ value }}) = 'object' then {{ value }} else '{}'::jsonb end
{%- endmacro %}

{% macro text_timestamp(value) -%}
    {#- An ISO 8601 moment with a zone, of the years 1970 to 2199 and of a day that exists. -#}
    case
        when {{ value }} ~ (
            '^((19[7-9][0-9]|2[01][0-9][0-9])-'
            || '((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)'
            || '|02-(0[1-9]|1[0-9]|2[0-8]))'
            || '|(19(7[26]|8[048]|9[26])|2000|2[01](0[48]|[2468][048]|[13579][26]))-02-29)'
            || 'T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?'
            || '(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$'
        )
            then ({{ value }})::timestamptz
    end
{%- endmacro %}

{% macro json_number(value) -%}
    case when jsonb_typeof({{ value }}) = 'number' then ({{ value }})::numeric end
{%- endmacro %}
