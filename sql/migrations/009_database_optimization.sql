-- 009: what keeps it fast: materialized views, figures on demand, statistics, and hypertables where there are any.

-- What the database did for itself; refresh_materialized_views and update_table_statistics write here.
create table if not exists factory_telemetry.maintenance_log (
    id               uuid primary key default gen_random_uuid(),
    maintenance_type text not null,
    started_at       timestamptz not null default now(),
    completed_at     timestamptz,
    status           text not null default 'running' check (status in ('running', 'completed', 'failed')),
    notes            text,
    created_at       timestamptz not null default now(),
    check (completed_at >= started_at)
);
create index if not exists idx_maintenance_log_type_date on factory_telemetry.maintenance_log (maintenance_type, started_at desc);

create index if not exists idx_production_schedules_open
    on factory_telemetry.production_schedules (line_id, scheduled_start) where status in ('scheduled', 'in_progress');
create index if not exists idx_downtime_events_active
    on factory_telemetry.downtime_events (equipment_code, start_time desc) where end_time is null;
create index if not exists idx_andon_events_unresolved
    on factory_telemetry.andon_events (priority, reported_at desc) where status <> 'resolved';
create index if not exists idx_quality_checks_defects
    on factory_telemetry.quality_checks using gin (defect_codes) where check_result = 'fail';

-- Each materialized view starts from the lines, so it has a row, and refreshed_at with it, even on a quiet day.
-- Each has a unique index, without which it cannot be refreshed while it is read.
create materialized view if not exists factory_telemetry.mv_production_dashboard as
select l.id as line_id,
       l.line_code,
       l.name as line_name,
       l.status as line_status,
       l.target_speed,
       s.id as schedule_id,
       s.status as schedule_status,
       s.priority,
       s.scheduled_start,
       s.scheduled_end,
       s.target_quantity,
       p.product_code,
       p.name as product_name,
       j.id as job_id,
       j.status as job_status,
       u.username,
       u.first_name,
       u.last_name,
       o.calculation_time as oee_calculated_at,
       o.oee as current_oee,
       o.availability as current_availability,
       o.performance as current_performance,
       o.quality as current_quality,
       now() as refreshed_at
  from factory_telemetry.production_lines l
  left join factory_telemetry.production_schedules s on s.line_id = l.id and s.status in ('scheduled', 'in_progress')
  left join factory_telemetry.product_types p on p.id = s.product_type_id
  left join factory_telemetry.job_assignments j on j.schedule_id = s.id and j.status in ('assigned', 'accepted', 'in_progress')
  left join factory_telemetry.users u on u.id = j.user_id
  left join lateral (
       select c.calculation_time, c.oee, c.availability, c.performance, c.quality
         from factory_telemetry.oee_calculations c
        where c.line_id = l.id
        order by c.calculation_time desc
        limit 1) o on true
 where l.enabled;
create unique index if not exists ux_mv_production_dashboard
    on factory_telemetry.mv_production_dashboard (line_id, schedule_id, job_id) nulls not distinct;

create materialized view if not exists factory_telemetry.mv_downtime_summary as
select l.id as line_id,
       l.line_code,
       l.name as line_name,
       d.equipment_code,
       d.category,
       count(d.id)             as event_count,
       sum(d.duration_seconds) as total_duration_seconds,
       avg(d.duration_seconds) as avg_duration_seconds,
       min(d.start_time)       as first_event,
       max(d.start_time)       as last_event,
       now()                   as refreshed_at
  from factory_telemetry.production_lines l
  left join factory_telemetry.downtime_events d on d.line_id = l.id and d.start_time > now() - interval '30 days'
 group by l.id, d.equipment_code, d.category;
create unique index if not exists ux_mv_downtime_summary
    on factory_telemetry.mv_downtime_summary (line_id, equipment_code, category) nulls not distinct;

create materialized view if not exists factory_telemetry.mv_oee_summary as
select l.id as line_id,
       l.line_code,
       l.name as line_name,
       o.equipment_code,
       o.calculation_time::date as calculation_date,
       avg(o.oee)               as avg_oee,
       avg(o.availability)      as avg_availability,
       avg(o.performance)       as avg_performance,
       avg(o.quality)           as avg_quality,
       count(o.id)              as calculation_count,
       now()                    as refreshed_at
  from factory_telemetry.production_lines l
  left join factory_telemetry.oee_calculations o on o.line_id = l.id and o.calculation_time > now() - interval '30 days'
 group by l.id, o.equipment_code, o.calculation_time::date;
create unique index if not exists ux_mv_oee_summary
    on factory_telemetry.mv_oee_summary (line_id, equipment_code, calculation_date) nulls not distinct;

create or replace function factory_telemetry.get_line_performance_summary(p_line_id uuid, p_hours integer default 24)
returns table (line_id uuid, avg_oee double precision, availability double precision, performance double precision,
               quality double precision, total_production bigint, total_downtime_minutes bigint)
language sql stable
set search_path = factory_telemetry, pg_temp
as $$
    select l.id, o.oee, o.availability, o.performance, o.quality, k.production, k.downtime_minutes
      from production_lines l
     cross join lateral (
           select avg(c.oee) as oee, avg(c.availability) as availability, avg(c.performance) as performance, avg(c.quality) as quality
             from oee_calculations c
            where c.line_id = l.id and c.calculation_time > now() - make_interval(hours => p_hours)) o
     cross join lateral (
           select sum(i.total_production) as production, sum(i.total_downtime_minutes) as downtime_minutes
             from production_kpis i
            where i.line_id = l.id and i.created_at > now() - make_interval(hours => p_hours)) k
     where l.id = p_line_id;
$$;

-- A stop that lasts is counted up to now. No row for a machine that does not exist.
create or replace function factory_telemetry.get_equipment_downtime_summary(p_equipment_code text, p_days integer default 7)
returns table (equipment_code text, total_downtime_minutes double precision, planned_downtime_minutes double precision,
               unplanned_downtime_minutes double precision, avg_downtime_duration_minutes double precision,
               downtime_events_count bigint)
language sql stable
set search_path = factory_telemetry, pg_temp
as $$
    select q.equipment_code, d.total, d.planned, d.unplanned, d.mean, d.events
      from equipment_config q
     cross join lateral (
           select coalesce(sum(stop.minutes), 0)                                             as total,
                  coalesce(sum(stop.minutes) filter (where stop.category <> 'unplanned'), 0) as planned,
                  coalesce(sum(stop.minutes) filter (where stop.category = 'unplanned'), 0)  as unplanned,
                  avg(stop.minutes)                                                          as mean,
                  count(*)                                                                   as events
             from (select e.category,
                          (extract(epoch from coalesce(e.end_time, now()) - e.start_time) / 60)::double precision as minutes
                     from downtime_events e
                    where e.equipment_code = q.equipment_code
                      and e.start_time > now() - make_interval(days => p_days)) stop) d
     where q.equipment_code = p_equipment_code;
$$;

create or replace function factory_telemetry.get_production_efficiency_metrics(p_line_id uuid, p_days integer default 7)
returns table (line_id uuid, total_scheduled_hours double precision, actual_production_hours double precision,
               efficiency_percentage double precision, target_vs_actual_percentage double precision)
language sql stable
set search_path = factory_telemetry, pg_temp
as $$
    select l.id,
           o.planned_seconds / 3600.0,
           o.actual_seconds / 3600.0,
           100.0 * o.actual_seconds / nullif(o.planned_seconds, 0),
           100.0 * o.parts / nullif(o.planned_seconds / 60.0 * l.target_speed, 0)
      from production_lines l
     cross join lateral (
           select sum(c.planned_production_time) as planned_seconds,
                  sum(c.actual_production_time)  as actual_seconds,
                  sum(c.total_parts)             as parts
             from oee_calculations c
            where c.line_id = l.id and c.calculation_time > now() - make_interval(days => p_days)) o
     where l.id = p_line_id;
$$;

-- These two act with the owner's rights, which refreshing and analysing need, so not everybody may call them.
create or replace function factory_telemetry.refresh_materialized_views()
returns void
language plpgsql security definer
set search_path = factory_telemetry, pg_temp
as $$
begin
    refresh materialized view concurrently factory_telemetry.mv_production_dashboard;
    refresh materialized view concurrently factory_telemetry.mv_downtime_summary;
    refresh materialized view concurrently factory_telemetry.mv_oee_summary;
    insert into maintenance_log (maintenance_type, started_at, completed_at, status)
    values ('refresh_materialized_views', now(), clock_timestamp(), 'completed');
end
$$;

create or replace function factory_telemetry.update_table_statistics()
returns void
language plpgsql security definer
set search_path = factory_telemetry, pg_temp
as $$
declare
    relation regclass;
begin
    for relation in
        select c.oid from pg_catalog.pg_class c
         where c.relnamespace = 'factory_telemetry'::regnamespace and c.relkind in ('r', 'm')
    loop
        execute format('analyze %s', relation);
    end loop;
    insert into maintenance_log (maintenance_type, started_at, completed_at, status)
    values ('update_table_statistics', now(), clock_timestamp(), 'completed');
end
$$;

revoke execute on function factory_telemetry.refresh_materialized_views(), factory_telemetry.update_table_statistics() from public;

create or replace view public.v_table_statistics as
select schemaname,
       relname as tablename,
       n_tup_ins as inserts,
       n_tup_upd as updates,
       n_tup_del as deletes,
       n_live_tup as live_tuples,
       n_dead_tup as dead_tuples,
       last_vacuum,
       last_autovacuum,
       last_analyze,
       last_autoanalyze
  from pg_catalog.pg_stat_user_tables
 where schemaname = 'factory_telemetry';

create or replace view public.v_index_usage as
select schemaname,
       relname as tablename,
       indexrelname as indexname,
       idx_scan,
       idx_tup_read,
       idx_tup_fetch,
       100.0 * idx_tup_fetch / nullif(idx_tup_read, 0) as hit_percent
  from pg_catalog.pg_stat_user_indexes
 where schemaname = 'factory_telemetry';

-- Statements slower than 100 ms in the mean, from pg_stat_statements. Where that is not set up (only a superuser
-- can), the view has the same columns and shows what is slow at this moment.
do $$
begin
    if exists (select from pg_catalog.pg_views where schemaname = 'public' and viewname = 'v_slow_queries') then
        return;
    end if;
    begin
        perform from public.pg_stat_statements limit 1;
        create view public.v_slow_queries as
        select query,
               calls,
               total_exec_time as total_time,
               mean_exec_time  as mean_time,
               rows,
               100.0 * shared_blks_hit / nullif(shared_blks_hit + shared_blks_read, 0) as hit_percent
          from public.pg_stat_statements
         where mean_exec_time > 100;
    exception when undefined_table or object_not_in_prerequisite_state then
        create view public.v_slow_queries as
        select query,
               1::bigint            as calls,
               running_milliseconds as total_time,
               running_milliseconds as mean_time,
               null::bigint         as rows,
               null::numeric        as hit_percent
          from (select a.query, (extract(epoch from clock_timestamp() - a.query_start) * 1000)::double precision as running_milliseconds
                  from pg_catalog.pg_stat_activity a
                 where a.datname = current_database() and a.state = 'active') running
         where running_milliseconds > 100;
    end;
end
$$;

-- Time series become hypertables where the server has TimescaleDB. Its functions are unknown to a server without it,
-- hence execute.
do $$
declare
    series record;
begin
    if not exists (select from pg_catalog.pg_available_extensions where name = 'timescaledb') then
        return;
    end if;
    create extension if not exists timescaledb;

    for series in
        select *, format('factory_telemetry.%I', name) as relation
          from (values ('metric_hist',                'ts',               '1 hour', 'metric_def_id',          '90 days'),
                       ('oee_calculations',           'calculation_time', '1 day',  'line_id, equipment_code', '365 days'),
                       ('energy_consumption',         'consumption_time', '1 day',  'equipment_code',         '90 days'),
                       ('production_kpis',            'created_at',       '1 day',  'line_id, shift_id',      '90 days'),
                       ('production_context_history', 'changed_at',       '1 day',  'equipment_code',         '90 days')
               ) as wanted (name, time_column, chunk_interval, segment_by, keep)
    loop
        execute format('select create_hypertable(%L, %L, chunk_time_interval => %L::interval, if_not_exists => true, migrate_data => true)',
                       series.relation, series.time_column, series.chunk_interval);
        if not (select compression_enabled from timescaledb_information.hypertables
                 where hypertable_schema = 'factory_telemetry' and hypertable_name = series.name) then
            execute format('alter table %s set (timescaledb.compress, timescaledb.compress_segmentby = %L, timescaledb.compress_orderby = %L)',
                           series.relation, series.segment_by, series.time_column || ' desc');
        end if;
        execute format('select add_compression_policy(%L, interval ''7 days'', if_not_exists => true)', series.relation);
        execute format('select add_retention_policy(%L, %L::interval, if_not_exists => true)', series.relation, series.keep);
    end loop;
end
$$;
