-- The gate's role: it reads and watches, and the server itself refuses it everything else.
--
-- Run in the application's database, after the migrations, by an administrator. Give it its password apart from this
-- file:  alter role ms5_gate password '…'.  May be run again.

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'ms5_gate') then
        create role ms5_gate login;
    end if;
end
$$;

alter role ms5_gate nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit 20;
alter role ms5_gate set default_transaction_read_only = on;
alter role ms5_gate set statement_timeout = '10s';
alter role ms5_gate set lock_timeout = '1s';
alter role ms5_gate set idle_in_transaction_session_timeout = '30s';

grant pg_monitor to ms5_gate;
grant usage on schema public, factory_telemetry to ms5_gate;
grant select on all tables in schema public, factory_telemetry to ms5_gate;

-- Tables of later migrations too, whoever owns the schema.
do $$
begin
    execute format('alter default privileges for role %I in schema public, factory_telemetry grant select on tables to ms5_gate',
                   (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'factory_telemetry'));
end
$$;
