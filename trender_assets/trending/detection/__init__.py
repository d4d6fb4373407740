"""What a repository's files say: Blueprints, Next.js, deployment; pure functions of text.

Define a reader of a further kind of file here when the pipeline learns from it. Fetching files
belongs to `github/`, what a finding is worth in a table belongs to `trender_dbt`.
"""
