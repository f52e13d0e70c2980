-- 008: the state of a line at a glance, and indexes behind the foreign keys that deletes and joins go through.

create index if not exists idx_context_production_line on factory_telemetry.context (production_line_id);
create index if not exists idx_context_production_schedule on factory_telemetry.context (production_schedule_id);
create index if not exists idx_context_current_job on factory_telemetry.context (current_job_id);
create index if not exists idx_production_schedules_product on factory_telemetry.production_schedules (product_type_id);
create index if not exists idx_quality_checks_product on factory_telemetry.quality_checks (product_type_id);
create index if not exists idx_production_reports_job on factory_telemetry.production_reports (generation_job_id);
create index if not exists idx_report_schedule_runs_report on factory_telemetry.report_schedule_runs (report_id);

-- Counted apart and joined afterwards: machines times jobs would count both too often.
create or replace view public.v_production_line_status as
select l.id as line_id,
       l.line_code,
       l.name as line_name,
       l.status as line_status,
       l.target_speed,
       l.enabled,
       machines.total   as total_equipment,
       machines.active  as active_equipment,
       machines.running as running_equipment,
       machines.stopped as stopped_equipment,
       work.schedules   as active_schedules,
       work.jobs        as active_jobs,
       work.running     as running_jobs
  from factory_telemetry.production_lines l
 cross join lateral (
       select count(*)                                  as total,
              count(*) filter (where e.enabled)         as active,
              count(*) filter (where not c.planned_stop) as running,
              count(*) filter (where c.planned_stop)    as stopped
         from factory_telemetry.equipment_config e
         left join factory_telemetry.context c on c.equipment_code = e.equipment_code
        where e.production_line_id = l.id) machines
 cross join lateral (
       select count(distinct s.id)                                  as schedules,
              count(j.id)                                           as jobs,
              count(j.id) filter (where j.status = 'in_progress')   as running
         from factory_telemetry.production_schedules s
         left join factory_telemetry.job_assignments j
           on j.schedule_id = s.id and j.status in ('assigned', 'accepted', 'in_progress')
        where s.line_id = l.id and s.status = 'in_progress') work
 where l.enabled;
