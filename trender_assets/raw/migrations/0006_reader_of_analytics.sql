-- The dashboard reads the analytics schema and nothing else.

do $$
begin
    if exists (select from pg_roles where rolname = 'trender_reader') then
        revoke all on all tables in schema raw from trender_reader;
        revoke all on all tables in schema staging from trender_reader;
        revoke usage on schema raw, staging from trender_reader;
        alter default privileges in schema raw revoke select on tables from trender_reader;
        alter default privileges in schema staging revoke select on tables from trender_reader;
    end if;
end
$$;
