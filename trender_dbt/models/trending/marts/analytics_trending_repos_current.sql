{{ config(materialized='view') }}

-- The hundred strongest repositories of each language by momentum, as of when each was last seen.

select *
from {{ ref('repositories_current') }}
where rank_in_language <= 100
