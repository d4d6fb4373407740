-- What an unreadable answer was: the bytes it came as, how many they were in
-- truth, and what was asked. One that served several sources has no source.

alter table raw.raw_quarantine
alter column source drop not null,
add column request text,
add column payload_size bigint,
add column payload_sha256 text;

comment on column raw.raw_quarantine.source is
'The partition that asked; null when the answer served several.';
comment on column raw.raw_quarantine.request is
'Method and path that were asked, without the query.';
comment on column raw.raw_quarantine.payload is
'The answer''s body, 64 KiB of it at most; never a header, tokens masked.';
comment on column raw.raw_quarantine.payload_size is
'The body''s true length in bytes, or as far as it was read when it was given up.';
comment on column raw.raw_quarantine.payload_sha256 is
'Hash of those payload_size bytes, before any masking or cutting.';
