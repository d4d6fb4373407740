-- Which streams there are: the registry of `raw/streams.py`, told with every
-- landing, for dbt's checks of freshness and the pipeline page. A new stream
-- needs no migration of the fetch log any more.

create table raw.streams (
    stream text primary key,
    raw_table text not null,
    title text not null,
    age_setting text,
    position integer not null
);
comment on table raw.streams is
'The streams that are read from GitHub, in the order in which pages show them.';

alter table raw.fetch_log drop constraint fetch_log_stream_check;
