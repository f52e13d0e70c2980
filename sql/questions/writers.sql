-- Who may write the floor's data, and would PostgreSQL let them?
-- role_name: a role that logs in, is no superuser and may insert; read_only: its transactions are read-only by default, by
-- the nearest of the settings for role and database; in_recovery: the server is a standby.
-- Source: contract, section 5; PostgreSQL documentation, pg_db_role_setting.
select writer.rolname as role_name,
       coalesce((
           select split_part(setting, '=', 2)::boolean
           from pg_db_role_setting kept, unnest(kept.setconfig) setting
           where kept.setrole in (writer.oid, 0)
             and kept.setdatabase in ((select oid from pg_database where datname = current_database()), 0)
             and setting like 'default\_transaction\_read\_only=%'
           order by kept.setrole <> 0 desc, kept.setdatabase <> 0 desc
           limit 1), false) as read_only,
       pg_is_in_recovery() as in_recovery
from pg_roles writer
where writer.rolcanlogin and not writer.rolsuper
  and has_table_privilege(writer.oid, 'factory_telemetry.andon_events', 'insert')
order by writer.rolname
