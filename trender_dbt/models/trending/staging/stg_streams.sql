-- The streams that are read from GitHub, in the order in which pages show them.

select
    stream,
    title,
    position
from {{ source('raw', 'streams') }}
