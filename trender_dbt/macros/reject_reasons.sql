{% macro reject_reasons() -%}
    {#- Why the row `observation` can't be believed: texts, none when it can. -#}
    array_remove(array[
        case
            when observation.stars is null then
                'stars is not a whole number from 0 to 2^53: '
                || coalesce(left(observation.stars_json::text, 40), 'missing')
        end,
        case
            when coalesce(observation.repo_full_name, '') !~ '^[^/[:space:]]+/[^/[:space:]]+$'
                then 'repository name is missing or not owner/name'
        end,
        case
            when coalesce(observation.repo_url, '') !~ '^https?://[^[:space:]]+$'
                then 'url is missing or not http(s)'
        end,
        case
            when observation.created_at is null
                then 'createdAt is missing, unreadable or outside the years 1970 to 2199'
        end,
        case
            when observation.created_at > observation.as_of + interval '1 day'
                then 'createdAt is in the future'
        end,
        case
            when observation.created_at < '2005-01-01T00:00:00Z'
                then 'createdAt is before 2005'
        end,
        case
            when observation.database_id is distinct from observation.repo_id
                then 'databaseId differs from the repository asked for'
        end
    ], null)
{%- endmacro %}
