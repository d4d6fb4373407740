-- What the repository's files say of its deployment.
select * from staging.stg_render_enrichment where repo_id = %(repo_id)s
