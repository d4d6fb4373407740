{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[{'columns': ['repo_id'], 'unique': True}],
    pre_hook="{{ delete_all_rows() }}",
) }}

-- Each repository that has to do with Render, with what its files say and why it is here.

with related as (
    select * from {{ ref('stg_repos_validated') }}
    where render_category is not null
),

findings as (
    select * from {{ ref('stg_github__file_findings') }}
)

select
    ---------- ids
    related.repo_id,
    related.repo_full_name,

    ---------- category
    related.render_category,
    jsonb_build_object(
        'owner', related.owner_login,
        'sources', to_jsonb(related.sources),
        'discovered_by', to_jsonb(related.discovered_by),
        'blueprint_status', related.blueprint_status,
        'has_deploy_button', related.has_deploy_button,
        'readme_mentions_render', related.readme_mentions_render
    ) as category_evidence,

    ---------- Blueprint
    array(
        select service.type
        from
            jsonb_object_keys({{ json_object("blueprint.blueprint -> 'service_types'") }})
                as service (type)
        order by service.type
    ) as render_services,
    case
        when related.blueprint_status in ('valid', 'invalid', 'absent')
            then coalesce({{ json_count("(blueprint.blueprint -> 'service_count')") }}, 0)
    end as service_count,
    case
        when related.blueprint_status in ('valid', 'invalid', 'absent')
            then coalesce({{ json_count("(blueprint.blueprint -> 'database_count')") }}, 0)
    end as database_count,
    related.blueprint_status,
    related.blueprint_reason,
    blueprint.blueprint_path,
    blueprint.blueprint_blob_sha,
    case
        when related.blueprint_status = 'valid'
            then ({{ json_number("(blueprint.blueprint -> 'complexity_score')") }})::integer
        when related.blueprint_status in ('invalid', 'absent') then 0
    end as render_complexity_score,
    case
        when related.blueprint_status = 'valid'
            then ({{ json_number("(blueprint.blueprint -> 'quality_score')") }})::float8
    end as blueprint_quality,
    {{ json_array("blueprint.blueprint -> 'services'") }} as services,
    {{ json_array("blueprint.blueprint -> 'databases'") }} as databases,

    ---------- README and other platforms
    related.has_deploy_button as has_blueprint_button,
    readme.deploy_button_url,
    ({{ json_number("(readme.deployment -> 'documentation_score')") }})::float8
        as documentation_score,
    coalesce(readme.deployment -> 'platforms', blueprint.deployment -> 'platforms') as platforms,

    ---------- evidence
    jsonb_build_object(
        'complexity', blueprint.blueprint -> 'complexity_evidence',
        'quality', blueprint.blueprint -> 'quality_evidence',
        'documentation', readme.deployment -> 'documentation_evidence',
        'dockerfile', readme.deployment -> 'dockerfile_render_hints',
        'projects', blueprint.blueprint -> 'projects',
        'env_groups', blueprint.blueprint -> 'env_groups',
        'previews', blueprint.blueprint -> 'previews',
        'raw_file_id', related.blueprint_raw_file_id
    ) as evidence,

    ---------- timestamps
    related.loaded_at
from related
left join findings as blueprint on related.blueprint_raw_file_id = blueprint.raw_file_id
left join findings as readme on related.readme_raw_file_id = readme.raw_file_id
