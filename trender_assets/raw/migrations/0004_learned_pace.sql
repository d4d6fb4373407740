-- What GitHub's refusals taught about how fast it may be asked; the next run
-- begins with it. No row: nothing was refused lately.

create table raw.learned_pace (
    api_base_url text primary key,
    concurrency integer not null check (concurrency > 0),
    rate double precision not null check (rate > 0 and rate <= 1),
    learned_at timestamptz not null
);
comment on table raw.learned_pace is
'Requests at once and share of the documented limits per minute, by server.';
