{{ config(materialized='view') }}

-- The hundred strongest repositories of each language by momentum, as of when each was last seen.

select *
from {{ ref('int_repos_current') }}
where rank_in_language <= 100
