-- The application's role: it reads and writes rows. It owns nothing, so it cannot change or drop a table.
--
-- Run in the application's database, after the migrations, by an administrator. Give it its password apart from this
-- file:  alter role ms5_application password '…'.  May be run again.

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'ms5_application') then
        create role ms5_application login;
    end if;
end
$$;

alter role ms5_application nosuperuser nocreatedb nocreaterole noreplication nobypassrls;

grant usage on schema public, factory_telemetry to ms5_application;
grant select on all tables in schema public to ms5_application;
grant select, insert, update, delete on all tables in schema factory_telemetry to ms5_application;
grant usage on all sequences in schema factory_telemetry to ms5_application;
grant execute on all functions in schema factory_telemetry to ms5_application;

-- Tables and functions of later migrations too, whoever owns the schema.
do $$
declare
    owner constant text := (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'factory_telemetry');
begin
    execute format('alter default privileges for role %I in schema public grant select on tables to ms5_application', owner);
    execute format('alter default privileges for role %I in schema factory_telemetry'
                   ' grant select, insert, update, delete on tables to ms5_application', owner);
    execute format('alter default privileges for role %I in schema factory_telemetry grant usage on sequences to ms5_application', owner);
    execute format('alter default privileges for role %I in schema factory_telemetry grant execute on functions to ms5_application', owner);
end
$$;
