{{ config(materialized='view') }}

-- What the files of each repository that has to do with Render say.

select * from {{ ref('stg_render_enrichment') }}
