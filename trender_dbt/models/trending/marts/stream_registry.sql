{{ config(materialized='view') }}

-- The streams that are read from GitHub, for the pages.

select * from {{ ref('stg_streams') }}
