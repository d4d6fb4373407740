{#- Who had found a repository by the time of the row `observation`, and where it therefore
    competes. -#}

{% macro found_by() -%}
    {#- Lateral: the sources and queries, and what kind they are. -#}
    left join lateral (
        select
            array_agg(distinct origin.source order by origin.source) as sources,
            coalesce(
                array_agg(distinct origin.discovered_by order by origin.discovered_by)
                filter (where origin.discovered_by <> ''), '{}'
            ) as discovered_by,
            min(origin.first_as_of) as first_seen_at,
            bool_or(origin.source <> all({{ language_slugs() }})) as is_render_source,
            bool_or(origin.source = 'employees') as is_employee_source
        from {{ ref('int_repo_sources') }} as origin
        where origin.repo_id = observation.repo_id and origin.first_as_of <= observation.as_of
    ) as found_by on true
{%- endmacro %}

{% macro competes() -%}
    {#- Lateral: the pool of one language. Listed by several: the one GitHub calls its own, else the
        newest listing. -#}
    left join lateral (
        select
            tracked.language_slug as pool,
            tracked.requires_nextjs
        from {{ ref('int_repo_sources') }} as origin
        inner join {{ tracked_languages() }}
            as tracked (language_slug, language_name, requires_nextjs)
            on origin.source = tracked.language_slug
        where origin.repo_id = observation.repo_id and origin.first_as_of <= observation.as_of
        order by
            (tracked.language_name = observation.language) desc,
            origin.first_as_of desc,
            tracked.language_slug
        limit 1
    ) as competes on true
{%- endmacro %}
