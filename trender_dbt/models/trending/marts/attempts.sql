{{ config(materialized='view') }}

-- Every attempt to read something, for who asks how fresh and how whole the data is.

select * from {{ ref('stg_fetch_log') }}
