{{ config(materialized='view') }}

-- Every repository that has to do with Render, uncategorised ones included.

select
    current_repo.*,
    enrichment.category_evidence,
    enrichment.render_services,
    enrichment.service_count,
    enrichment.database_count,
    enrichment.has_blueprint_button,
    enrichment.deploy_button_url,
    enrichment.render_complexity_score,
    enrichment.blueprint_quality,
    enrichment.documentation_score,
    enrichment.blueprint_status,
    enrichment.blueprint_reason,
    enrichment.blueprint_path,
    enrichment.blueprint_blob_sha,
    enrichment.services,
    enrichment.databases,
    enrichment.evidence,
    enrichment.platforms
from {{ ref('stg_render_enrichment') }} as enrichment
inner join {{ ref('repositories_current') }} as current_repo
    on enrichment.repo_id = current_repo.repo_id
