-- Which PostgreSQL is this?
-- system: the identifier that initdb gave this cluster, which its replicas share and a restored copy does not change;
-- database_name: the database. Source: PostgreSQL documentation, pg_control_system.
select system_identifier::text as system, current_database() as database_name
from pg_control_system()
