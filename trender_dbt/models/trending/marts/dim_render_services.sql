{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[{'columns': ['service_key'], 'unique': True}],
    pre_hook="{{ delete_all_rows() }}",
) }}

-- The types of Render service, with those a Blueprint declared and Render doesn't know.

with known as (
    select
        service_type,
        service_description
    from {{ ref('render_service_types') }}
),

names as (
    select service_type from known
    union
    select service_type from {{ ref('fact_render_usage') }}
)

select
    {{ surrogate_key(["'render'", 'names.service_type']) }} as service_key,
    names.service_type,
    coalesce(
        known.service_description, 'A type that the Blueprint reference does not name'
    ) as service_description
from names
left join known on names.service_type = known.service_type
