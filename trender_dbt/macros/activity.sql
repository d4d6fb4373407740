{#- The moments that activity is counted by, read from one answer each. -#}

{% macro closing_times(metric_data) -%}
    array(
        select issue.closed_at
        from (
            select {{ text_timestamp("(node ->> 'closedAt')") }} as closed_at
            from jsonb_array_elements({{ json_array(metric_data ~ " -> 'nodes'") }}) as node
        ) as issue
        where issue.closed_at is not null
        order by issue.closed_at
    )
{%- endmacro %}

{% macro last_commit_times(metric_data) -%}
    {#- The last commit of each person: by login, else lower-cased e-mail, else name; no bots. -#}
    array(
        select max(signature.committed_at) as last_committed_at
        from (
            select
                coalesce(
                    nullif(author.person ->> 'login', ''),
                    lower(nullif(author.person ->> 'email', '')),
                    nullif(author.person ->> 'name', '')
                ) as identity,
                lower(coalesce(author.person ->> 'login', '')) as login,
                lower(coalesce(author.person ->> 'name', '')) as name,
                {{ text_timestamp("(signed.node ->> 'committedDate')") }} as committed_at
            from jsonb_array_elements({{ json_array(metric_data ~ " -> 'nodes'") }})
                as signed (node)
            cross join lateral jsonb_array_elements(
                {{ json_array("signed.node -> 'authors'") }}
            ) as author (person)
        ) as signature
        where
            signature.identity is not null
            and signature.committed_at is not null
            and signature.login not like '%[bot]'
            and signature.name not like '%[bot]'
            and signature.login not in (select bots.login from {{ ref('bots') }} as bots)
            and signature.name not in (select bots.login from {{ ref('bots') }} as bots)
        group by signature.identity
        order by max(signature.committed_at)
    )
{%- endmacro %}
