-- The role of what watches (postgres_exporter, Grafana's data source): it reads statistics and what the floor shows.
--
-- Run in the application's database, after the migrations, by an administrator. Give it its password apart from this
-- file:  alter role ms5_monitoring password '…'.  May be run again.

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'ms5_monitoring') then
        create role ms5_monitoring login;
    end if;
end
$$;

alter role ms5_monitoring nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit 10;
alter role ms5_monitoring set default_transaction_read_only = on;
alter role ms5_monitoring set statement_timeout = '5s';
alter role ms5_monitoring set lock_timeout = '1s';

grant pg_monitor to ms5_monitoring;
grant usage on schema public, factory_telemetry to ms5_monitoring;
grant select on all tables in schema public, factory_telemetry to ms5_monitoring;
revoke select on factory_telemetry.users from ms5_monitoring;  -- no board shows people's hashes

-- Tables of later migrations too, whoever owns the schema.
do $$
begin
    execute format('alter default privileges for role %I in schema public, factory_telemetry grant select on tables to ms5_monitoring',
                   (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'factory_telemetry'));
end
$$;
