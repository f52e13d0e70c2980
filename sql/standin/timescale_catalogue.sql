-- A model of TimescaleDB's catalogue views, for the stand-in only: its server has no TimescaleDB.
--
-- Schema timescaledb_information with the columns, names and schedules of TimescaleDB 2.23 (compared with the real one
-- after the same migrations), as plain views over two small tables: what a plant that has run for ten days would show.
-- The five tables themselves are ordinary tables here, and nothing is compressed or dropped. Faults change the two
-- tables (modelled_hypertable, modelled_job). May be run again.

do $$
begin
    if exists (select from pg_catalog.pg_extension where extname = 'timescaledb') then
        raise exception 'this server has TimescaleDB: it needs no model of it';
    end if;
end
$$;

create schema if not exists timescaledb_information;

create table if not exists timescaledb_information.modelled_hypertable (
    id                  integer primary key,
    name                text not null unique,
    time_column         text not null,
    chunk_interval      interval not null,
    compress_every      interval not null,
    segment_by          text[] not null,
    compression_enabled boolean not null default true
);

create table if not exists timescaledb_information.modelled_job (
    job_id            integer primary key,
    hypertable_name   text not null references timescaledb_information.modelled_hypertable (name),
    proc_name         text not null check (proc_name in ('policy_compression', 'policy_retention')),
    setting           text not null check (setting in ('compress_after', 'drop_after')),
    after             interval not null,
    schedule_interval interval not null,
    scheduled         boolean not null default true,
    last_run_status   text not null default 'Success' check (last_run_status in ('Success', 'Failed')),
    total_failures    bigint not null default 0
);

insert into timescaledb_information.modelled_hypertable (id, name, time_column, chunk_interval, compress_every, segment_by)
values (1, 'metric_hist',                'ts',               '1 hour', '30 minutes', '{metric_def_id}'),
       (3, 'oee_calculations',           'calculation_time', '1 day',  '12 hours',   '{line_id,equipment_code}'),
       (5, 'energy_consumption',         'consumption_time', '1 day',  '12 hours',   '{equipment_code}'),
       (7, 'production_kpis',            'created_at',       '1 day',  '12 hours',   '{line_id,shift_id}'),
       (9, 'production_context_history', 'changed_at',       '1 day',  '12 hours',   '{equipment_code}')
on conflict (id) do nothing;

insert into timescaledb_information.modelled_job (job_id, hypertable_name, proc_name, setting, after, schedule_interval)
select 999 + h.id + policy.number, h.name, policy.proc_name, policy.setting, policy.after, policy.schedule_interval
  from timescaledb_information.modelled_hypertable h
 cross join lateral (values (0, 'policy_compression', 'compress_after', interval '7 days', h.compress_every),
                            (1, 'policy_retention',   'drop_after',
                             case h.name when 'oee_calculations' then interval '365 days' else interval '90 days' end,
                             interval '1 day')
                    ) as policy (number, proc_name, setting, after, schedule_interval)
on conflict (job_id) do nothing;

-- Compressed is what was old enough when the policy ran last.
create or replace view timescaledb_information.chunks as
select 'factory_telemetry'::name as hypertable_schema,
       h.name::name as hypertable_name,
       '_timescaledb_internal'::name as chunk_schema,
       format('_hyper_%s_%s_chunk', h.id, row_number() over (partition by h.id order by start))::name as chunk_name,
       h.time_column::name as primary_dimension,
       'timestamp with time zone'::regtype as primary_dimension_type,
       start as range_start,
       start + h.chunk_interval as range_end,
       null::bigint as range_start_integer,
       null::bigint as range_end_integer,
       h.compression_enabled
           and start + h.chunk_interval <= date_bin(h.compress_every, now(), timestamptz 'epoch') - interval '7 days' as is_compressed,
       null::name as chunk_tablespace,
       start as chunk_creation_time
  from timescaledb_information.modelled_hypertable h
 cross join lateral generate_series(date_bin(h.chunk_interval, now() - interval '10 days', timestamptz 'epoch'),
                                    now(), h.chunk_interval) start;

create or replace view timescaledb_information.hypertables as
select 'factory_telemetry'::name as hypertable_schema,
       h.name::name as hypertable_name,
       c.tableowner as owner,
       1::smallint as num_dimensions,
       (select count(*) from timescaledb_information.chunks k where k.hypertable_name = h.name) as num_chunks,
       h.compression_enabled,
       null::name[] as tablespaces,
       h.time_column::name as primary_dimension,
       'timestamp with time zone'::regtype as primary_dimension_type
  from timescaledb_information.modelled_hypertable h
  join pg_catalog.pg_tables c on c.schemaname = 'factory_telemetry' and c.tablename = h.name;

create or replace view timescaledb_information.dimensions as
select 'factory_telemetry'::name as hypertable_schema,
       h.name::name as hypertable_name,
       1::bigint as dimension_number,
       h.time_column::name as column_name,
       'timestamp with time zone'::regtype as column_type,
       'Time' as dimension_type,
       h.chunk_interval as time_interval,
       null::bigint as integer_interval,
       null::name as integer_now_func,
       null::smallint as num_partitions
  from timescaledb_information.modelled_hypertable h;

create or replace view timescaledb_information.compression_settings as
select 'factory_telemetry'::name as hypertable_schema,
       h.name::name as hypertable_name,
       setting.attname::name,
       setting.segmentby_column_index::smallint,
       setting.orderby_column_index::smallint,
       setting.orderby_asc,
       setting.orderby_nullsfirst
  from timescaledb_information.modelled_hypertable h
 cross join lateral (
       select segment, position, null, null::boolean, null::boolean
         from unnest(h.segment_by) with ordinality as segments (segment, position)
        union all
       select h.time_column, null, 1, false, true
       ) as setting (attname, segmentby_column_index, orderby_column_index, orderby_asc, orderby_nullsfirst)
 where h.compression_enabled;

create or replace view timescaledb_information.jobs as
select j.job_id,
       format('%s Policy [%s]', case j.proc_name when 'policy_compression' then 'Columnstore' else 'Retention' end, j.job_id)::name
           as application_name,
       j.schedule_interval,
       interval '0' as max_runtime,
       -1 as max_retries,
       interval '1 hour' as retry_period,
       '_timescaledb_functions'::name as proc_schema,
       j.proc_name::name,
       h.owner::regrole as owner,
       j.scheduled,
       false as fixed_schedule,
       jsonb_build_object('hypertable_id', m.id, j.setting, j.after::text) as config,
       date_bin(j.schedule_interval, now(), timestamptz 'epoch') + j.schedule_interval as next_start,
       null::timestamptz as initial_start,
       h.hypertable_schema,
       h.hypertable_name,
       '_timescaledb_functions'::name as check_schema,
       (j.proc_name || '_check')::name as check_name
  from timescaledb_information.modelled_job j
  join timescaledb_information.modelled_hypertable m on m.name = j.hypertable_name
  join timescaledb_information.hypertables h on h.hypertable_name = j.hypertable_name;

-- A job that failed has its last success one run before.
create or replace view timescaledb_information.job_stats as
select j.hypertable_schema,
       j.hypertable_name,
       j.job_id,
       run.at as last_run_started_at,
       case m.last_run_status when 'Success' then run.at + interval '0.2 seconds'
                              else run.at - j.schedule_interval + interval '0.2 seconds' end as last_successful_finish,
       m.last_run_status,
       case when j.scheduled then 'Scheduled' else 'Paused' end as job_status,
       interval '0.2 seconds' as last_run_duration,
       j.next_start,
       run.total as total_runs,
       run.total - m.total_failures as total_successes,
       m.total_failures
  from timescaledb_information.jobs j
  join timescaledb_information.modelled_job m on m.job_id = j.job_id
 cross join lateral (select j.next_start - j.schedule_interval as at,
                            floor(extract(epoch from interval '10 days') / extract(epoch from j.schedule_interval))::bigint as total) run;

create or replace view timescaledb_information.job_errors as
select m.job_id,
       '_timescaledb_functions'::text as proc_schema,
       m.proc_name,
       null::integer as pid,
       s.last_run_started_at as start_time,
       s.last_run_started_at + s.last_run_duration as finish_time,
       'XX000'::text as sqlerrcode,
       'the job failed'::text as err_message
  from timescaledb_information.modelled_job m
  join timescaledb_information.job_stats s on s.job_id = m.job_id
 where m.last_run_status = 'Failed';

-- As the real ones: everybody may read.
grant usage on schema timescaledb_information to public;
grant select on all tables in schema timescaledb_information to public;
