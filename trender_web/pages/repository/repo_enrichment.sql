-- What the repository's files say of its deployment.
select * from analytics.render_enrichment where repo_id = %(repo_id)s
