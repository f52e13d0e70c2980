-- May the gate's role read what it is asked to, and is that all it may?
-- grant_name: what is looked at; granted: whether it is as it should be; remedy: the statement that makes it so.
-- Source: design, section 6; sql/roles/gate_reader.sql.
select 'pg_monitor' as grant_name,
       pg_has_role(current_user, 'pg_monitor', 'member') as granted,
       format('grant pg_monitor to %I', current_user) as remedy
union all
select 'usage on factory_telemetry',
       coalesce((select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = 'factory_telemetry'), false),
       format('grant usage on schema factory_telemetry to %I', current_user)
union all
select 'select on every table',
       not exists (
           select from pg_class
           where relnamespace = to_regnamespace('factory_telemetry')
             and relkind in ('r', 'v', 'm', 'p')
             and not has_table_privilege(oid, 'select')),
       format('grant select on all tables in schema factory_telemetry to %I', current_user)
union all
select 'read-only session',
       current_setting('default_transaction_read_only') = 'on',
       'let the gate connect to PostgreSQL itself: a pooler in between drops its session settings'
union all
select 'no superuser',
       not (select rolsuper from pg_roles where rolname = current_user),
       'let the gate connect as a role of its own, as sql/roles/gate_reader.sql makes it'
