{% test primary_key(model, columns, recent=none) %}

{#- Unique and never NULL, in one query. A history whose key an index already keeps unique is
    looked at where it is new: `recent` names the column of its time. -#}
{{ config(fail_calc='coalesce(sum(offending_rows), 0)') }}

select
    {{ columns | join(', ') }},
    count(*) as offending_rows
from {{ model }}
{% if recent %}
where {{ recent }} >= (
    select scope.as_of - interval '26 hours' from {{ ref('int_build_scope') }} as scope
)
{% endif %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns %}
    or {{ column }} is null
    {% endfor %}

{% endtest %}
