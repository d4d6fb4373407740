{{ config(materialized='view') }}

-- Which source and query found a repository, and when first.

select * from {{ ref('int_repo_sources') }}
