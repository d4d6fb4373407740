-- Whether a build of the models is going on: it holds this lock until its last model is committed.
select exists(
    select 1 from pg_locks
    where
        locktype = 'advisory'
        and database = (
            select databases.oid from pg_database as databases
            where databases.datname = current_database()
        )
        and classid = 0
        and objid = %(key)s
        and objsubid = 1
        and granted
) as is_building
