{% macro render_category() -%}
    {#- What the row `observation` has to do with Render, the strongest tie first; NULL for
        nothing. -#}
    case
        when
            lower(observation.owner_login)
            = any({{ text_array(lowered(var('official_orgs'))) }})
            then 'official'
        when
            lower(observation.owner_login) = any({{ text_array(lowered(var('employees'))) }})
            or observation.is_employee_source
            then 'employee'
        when observation.uses_render and observation.has_deploy_button
            then 'blueprint'
        when
            observation.uses_render
            or observation.has_deploy_button
            or observation.readme_mentions_render
            then 'community'
        when observation.is_render_source then 'uncategorised'
    end
{%- endmacro %}
