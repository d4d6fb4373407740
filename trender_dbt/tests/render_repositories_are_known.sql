select enrichment.repo_id
from {{ ref('stg_render_enrichment') }} as enrichment
left join {{ ref('stg_repos_validated') }} as repository
    on enrichment.repo_id = repository.repo_id
where repository.repo_id is null
