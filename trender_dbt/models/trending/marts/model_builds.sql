{{ config(materialized='view') }}

-- depends_on: {{ ref('int_build_scope') }}

-- How far each incremental model has been built: changes with every build that had something new.

select
    model_name,
    fetch_log_id,
    settings_hash
from staging.build_progress
