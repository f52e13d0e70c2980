-- Is it this gate's turn to look at this database? Taken until the session ends; nothing is written.
-- taken: whether it is; holder: the session that has it, if another has; holder_address: where that one comes from.
-- Source: PostgreSQL documentation, advisory locks; 5050 and 6735 are "MS5" and "gate" on a telephone's keys.
select pg_try_advisory_lock(5050, 6735) as taken, holder.application_name as holder, holder.client_addr::text as holder_address
from (select 1) as one
left join (
    select activity.application_name, activity.client_addr
    from pg_locks
    join pg_stat_activity as activity using (pid)
    where locktype = 'advisory' and classid = 5050 and objid = 6735 and granted and pid <> pg_backend_pid()
) as holder on true
limit 1
