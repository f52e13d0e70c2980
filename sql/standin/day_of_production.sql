-- A plausible day at line L-BAG1, up to this second: for the stand-in only, never for a plant.
--
-- Run after the migrations and after the accounts (one active account of each role is expected). The same on
-- every run but for the clock: no random numbers, and identities that follow from a name.

do $$
declare
    bagger      constant text := 'BP01.PACK.BAG1';
    loader      constant text := 'BP01.PACK.BAG1.BL';
    shift_start timestamptz;
    line        uuid;
    admin       uuid;
    manager     uuid;
    supervisor  uuid;
    operator    uuid;
    technician  uuid;
    inspector   uuid;
begin
    if exists (select from factory_telemetry.production_schedules) then
        raise exception 'this database already has a day of production';
    end if;

    perform set_config('TimeZone', 'UTC', true);  -- the plant's clock: no shift of seven or nine hours
    shift_start := date_bin('8 hours', now(), timestamptz '2024-01-01 06:00');

    select id into strict line from factory_telemetry.production_lines where line_code = 'L-BAG1';
    -- The first of each role by name; the gate's own accounts do no work.
    select (array_agg(id order by username) filter (where role = 'admin'))[1],
           (array_agg(id order by username) filter (where role = 'production_manager'))[1],
           (array_agg(id order by username) filter (where role = 'shift_manager'))[1],
           (array_agg(id order by username) filter (where role = 'operator'))[1],
           (array_agg(id order by username) filter (where role = 'maintenance'))[1],
           (array_agg(id order by username) filter (where role = 'quality'))[1]
      into admin, manager, supervisor, operator, technician, inspector
      from factory_telemetry.users
     where is_active and username not like 'gate.%';
    if num_nulls(admin, manager, supervisor, operator, technician, inspector) > 0 then
        raise exception 'the day needs people: make one active account of each role first';
    end if;

    ---------------------------------------------------------------------- the plan, and who works on it

    insert into factory_telemetry.production_schedules
           (id, line_id, product_type_id, scheduled_start, scheduled_end, target_quantity, priority, status, created_by, created_at)
    select md5('schedule ' || plan.number)::uuid, line, p.id, begins.at, begins.at + interval '8 hours',
           plan.quantity, plan.priority, plan.status, manager, begins.at - interval '2 days'
      from (values (1, -3, 'PROD-001', 40000, 1, 'completed'),
                   (2, -2, 'PROD-002', 32000, 1, 'completed'),
                   (3, -1, 'PROD-001', 40000, 1, 'completed'),
                   (4, -1, 'PROD-003',  6000, 3, 'paused'),
                   (5,  0, 'PROD-001', 40000, 1, 'in_progress'),
                   (6,  1, 'PROD-002', 32000, 1, 'scheduled'),
                   (7,  2, 'PROD-001', 40000, 1, 'scheduled'),
                   (8,  2, 'PROD-003',  6000, 3, 'cancelled')
           ) as plan (number, shifts_from_now, product, quantity, priority, status)
      join factory_telemetry.product_types p on p.product_code = plan.product
     cross join lateral (select shift_start + plan.shifts_from_now * interval '8 hours' as at) begins;

    insert into factory_telemetry.job_assignments
           (id, schedule_id, user_id, status, assigned_at, accepted_at, started_at, completed_at, cancelled_at)
    select md5('job ' || job.number)::uuid, s.id, operator, job.status,
           s.scheduled_start - interval '12 hours',
           case when job.status not in ('assigned', 'cancelled') then s.scheduled_start - interval '10 hours' end,
           case when job.status in ('in_progress', 'completed') then s.scheduled_start end,
           case when job.status = 'completed' then s.scheduled_end end,
           case when job.status = 'cancelled' then s.scheduled_start - interval '11 hours' end
      from (values (1, 'completed'), (2, 'completed'), (3, 'completed'), (5, 'in_progress'),
                   (6, 'accepted'), (7, 'assigned'), (8, 'cancelled')) as job (number, status)
      join factory_telemetry.production_schedules s on s.id = md5('schedule ' || job.number)::uuid;

    insert into factory_telemetry.checklist_completions (job_assignment_id, template_id, completed_by, completed_at, responses)
    select j.id, t.id, j.user_id, j.started_at - interval '10 minutes',
           '{"guards": {"checked": true}, "stops": {"checked": true}, "air_pressure": {"value": 5.2}, "bags": {"checked": true}}'
      from factory_telemetry.job_assignments j
     cross join factory_telemetry.checklist_templates t
     where j.started_at is not null;

    insert into factory_telemetry.shift_assignments (user_id, shift_id, line_id, assigned_date)
    select person, s.id, line, day::date
      from factory_telemetry.production_shifts s
     cross join unnest(array[operator, supervisor]) as person
     cross join generate_series(current_date - 1, current_date + 1, interval '1 day') as day
     where s.name = 'Day Shift';

    insert into factory_telemetry.production_targets
           (line_id, product_type_id, shift_id, target_date, target_quantity, target_oee, target_availability,
            target_performance, target_quality, created_by)
    select line, p.id, s.id, current_date, 40000, 0.83, 0.90, 0.95, 0.98, manager
      from factory_telemetry.product_types p
     cross join factory_telemetry.production_shifts s
     where p.product_code = 'PROD-001';

    ---------------------------------------------------------------------- what the machines did

    -- A quarter of an hour a row. The factors wave a little; quality follows from the parts, and OEE from all three.
    insert into factory_telemetry.oee_calculations
           (line_id, equipment_code, calculation_time, availability, performance, quality, oee, planned_production_time,
            actual_production_time, ideal_cycle_time, actual_cycle_time, good_parts, total_parts)
    select line, equipment_code, at, availability, performance, good::double precision / total,
           availability * performance * good / total, 900, round(900 * availability), 0.6, 0.6 / performance, good, total
      from (select *, round(1500 * availability * performance)::integer as total,
                   floor(round(1500 * availability * performance) * (0.985 + 0.01 * sin(slot)))::integer as good
              from (select equipment_code, slot, now() - (95 - slot) * interval '15 minutes' as at,
                           0.90 + 0.06 * sin(slot / 5.0)                              as availability,
                           0.93 + 0.04 * cos(slot / 7.0 + length(equipment_code))     as performance
                      from unnest(array[bagger, loader]) as equipment_code
                     cross join generate_series(0, 95) as slot) factors) parts;

    insert into factory_telemetry.energy_consumption
           (equipment_code, consumption_time, power_consumption_kw, energy_consumption_kwh, voltage_v, current_a,
            power_factor, temperature_c, humidity_percent)
    select equipment_code, now() - (95 - slot) * interval '15 minutes', power, power / 4, 400, power * 1000 / (400 * 1.732 * 0.9),
           0.9, 24 + 3 * sin(slot / 15.0), 48
      from unnest(array[bagger, loader]) as equipment_code
     cross join generate_series(0, 95) as slot
     cross join lateral (select 7.5 + 1.5 * sin(slot / 6.0) as power) load;

    -- A value a minute for the last hour; the newest is the latest.
    insert into factory_telemetry.metric_hist (metric_def_id, ts, value_bool, value_int, value_real)
    select d.id, now() - (59 - minute) * interval '1 minute',
           case d.metric_key when 'running_status' then d.equipment_code = bagger or minute < 56 when 'has_active_fault' then false end,
           case d.metric_key when 'product_count' then 2400 + 95 * minute when 'reject_count' then 30 + minute
                             when 'basket_count' then 240 + 9 * minute end,
           case d.metric_key when 'speed_real' then 95 + 3 * sin(minute) when 'temperature' then 52 + 2 * sin(minute / 9.0) end
      from factory_telemetry.metric_def d
     cross join generate_series(0, 59) as minute;

    insert into factory_telemetry.metric_latest (metric_def_id, ts, value_bool, value_int, value_real)
    select distinct on (metric_def_id) metric_def_id, ts, value_bool, value_int, value_real
      from factory_telemetry.metric_hist
     order by metric_def_id, ts desc;

    insert into factory_telemetry.fault_event (equipment_code, bit_index, ts_on, ts_off, duration_s)
    select stop.equipment_code, stop.bit, now() - stop.ago, now() - stop.ago + stop.lasted, extract(epoch from stop.lasted)
      from (values (bagger, 3, interval '19 hours',  interval '7 minutes'),
                   (bagger, 2, interval '9 hours',   interval '4 minutes'),
                   (bagger, 4, interval '5 hours',   interval '11 minutes'),
                   (loader, 1, interval '4 minutes', null)) as stop (equipment_code, bit, ago, lasted);

    insert into factory_telemetry.fault_active (equipment_code, bit_index, ts, is_active)
    select equipment_code, bit_index, now(), equipment_code = loader and bit_index = 1
      from factory_telemetry.fault_catalog;

    insert into factory_telemetry.downtime_events
           (id, line_id, equipment_code, start_time, end_time, duration_seconds, reason_code, reason_description,
            category, subcategory, reported_by, confirmed_by, confirmed_at)
    select md5('downtime ' || stop.number)::uuid, line, stop.equipment_code, now() - stop.ago, now() - stop.ago + stop.lasted,
           extract(epoch from stop.lasted), stop.code, stop.reason, stop.category, stop.subcategory, operator,
           case when stop.lasted is not null then supervisor end, now() - stop.ago + stop.lasted
      from (values (1, bagger, interval '22 hours',  interval '30 minutes', 'CLEAN',  'Cleaning',             'planned',     'hygiene'),
                   (2, bagger, interval '19 hours',  interval '7 minutes',  'JAM',    'Closure jam',          'unplanned',   'mechanical'),
                   (3, bagger, interval '15 hours',  interval '18 minutes', 'CHANGE', 'Change of product',    'changeover',  'format'),
                   (4, bagger, interval '9 hours',   interval '4 minutes',  'BAGS',   'Bag supply empty',     'unplanned',   'material'),
                   (5, bagger, interval '5 hours',   interval '11 minutes', 'STARVE', 'No loaf from slicer',  'unplanned',   'upstream'),
                   (6, loader, interval '3 hours',   interval '25 minutes', 'LUBE',   'Lubrication of drive', 'maintenance', 'preventive'),
                   (7, loader, interval '4 minutes', null,                  'BASKET', 'No empty basket',      'unplanned',   'upstream')
           ) as stop (number, equipment_code, ago, lasted, code, reason, category, subcategory);

    ---------------------------------------------------------------------- who called for help

    insert into factory_telemetry.andon_events
           (id, line_id, equipment_code, event_type, priority, description, status, reported_by, reported_at, acknowledged_by,
            acknowledged_at, resolved_by, resolved_at, resolution_notes, escalation_level, escalation_status)
    select md5('andon ' || call.number)::uuid, line, call.equipment_code, call.type, call.priority, call.description, call.status,
           operator, now() - call.ago,
           case when call.status in ('acknowledged', 'resolved') then supervisor end,
           case when call.status in ('acknowledged', 'resolved') then now() - call.ago + interval '2 minutes' end,
           case when call.status = 'resolved' then technician end,
           case when call.status = 'resolved' then now() - call.ago + interval '14 minutes' end,
           case when call.status = 'resolved' then 'Cleared and watched for ten minutes' end,
           case call.status when 'escalated' then 2 else 1 end,
           case call.status when 'escalated' then 'escalated' when 'resolved' then 'resolved' else 'none' end
      from (values (1, bagger, 'stop',        'high',     'Closure jams again and again', 'resolved',     interval '19 hours'),
                   (2, bagger, 'material',    'low',      'Bags for the next hour',       'resolved',     interval '9 hours'),
                   (3, bagger, 'quality',     'medium',   'Prints fade on the left lane', 'resolved',     interval '6 hours'),
                   (4, loader, 'maintenance', 'high',     'Drive is louder than usual',   'acknowledged', interval '25 minutes'),
                   (5, loader, 'stop',        'critical', 'Loader does not take bags',    'escalated',    interval '12 minutes'),
                   (6, loader, 'material',    'medium',   'No empty baskets',             'open',         interval '3 minutes')
           ) as call (number, equipment_code, type, priority, description, status, ago);

    insert into factory_telemetry.andon_escalations
           (id, event_id, priority, acknowledgment_timeout_minutes, resolution_timeout_minutes, escalation_recipients, escalation_level,
            status, created_at, acknowledged_at, acknowledged_by, escalated_at, resolved_at)
    select md5('escalation of ' || e.id)::uuid, e.id, e.priority, 10, 240, r.recipients, e.escalation_level,
           case e.status when 'open' then 'active' else e.status end, e.reported_at, e.acknowledged_at, e.acknowledged_by,
           case e.status when 'escalated' then e.reported_at + interval '10 minutes' end, e.resolved_at
      from factory_telemetry.andon_events e
      join factory_telemetry.andon_escalation_rules r on r.priority = e.priority and r.escalation_level = e.escalation_level;

    insert into factory_telemetry.andon_escalation_history
           (escalation_id, action, performed_by, performed_at, escalation_level, recipients_notified, notification_method)
    select x.id, step.action, step.by, step.at, x.escalation_level, x.escalation_recipients, 'email'
      from factory_telemetry.andon_escalations x
     cross join lateral (values ('created',      operator,          x.created_at),
                                ('acknowledged', x.acknowledged_by, x.acknowledged_at),
                                ('escalated',    null,              x.escalated_at),
                                ('resolved',     technician,        x.resolved_at)) as step (action, by, at)
     where step.at is not null;

    insert into factory_telemetry.production_alerts
           (line_id, equipment_code, alert_type, severity, title, message, threshold_value, actual_value, created_at)
    values (line, loader, 'maintenance_due', 'warning', 'Maintenance is due', 'The drive of the loader is due this week',
            168, 161, now() - interval '2 hours');

    ---------------------------------------------------------------------- what was checked, used and repaired

    insert into factory_telemetry.quality_checks
           (line_id, product_type_id, check_time, check_type, check_result, quantity_checked, quantity_passed, quantity_failed,
            defect_codes, checked_by)
    select line, p.id, now() - hour * interval '1 hour', 'in_process', result.is, 50, 50 - result.failed, result.failed, result.defects, inspector
      from generate_series(0, 23) as hour
      join factory_telemetry.product_types p on p.product_code = 'PROD-001'
     cross join lateral (select case hour when 6 then 'fail' when 14 then 'conditional' else 'pass' end as is,
                                case hour when 6 then 5 when 14 then 2 else 0 end as failed,
                                case hour when 6 then '{VIS-001,VIS-002}'::text[] when 14 then '{PAC-001}' else '{}' end as defects) result;

    insert into factory_telemetry.material_consumption
           (line_id, shift_id, material_code, material_name, consumption_date, quantity_consumed, unit_of_measure, cost_per_unit,
            total_cost, recorded_by)
    select line, s.id, 'BAG-500', 'Standard bag', current_date - 1, 39100, 'pieces', 0.021, 821.10, operator
      from factory_telemetry.production_shifts s;

    insert into factory_telemetry.maintenance_work_orders
           (id, work_order_number, equipment_code, title, priority, status, work_type, scheduled_start, scheduled_end,
            actual_start, actual_end, estimated_duration_hours, actual_duration_hours, assigned_to, created_by)
    values (md5('work order 1')::uuid, 'WO-000001', loader, 'Lubricate the drive', 'medium', 'completed', 'preventive',
            now() - interval '3 hours', now() - interval '2 hours', now() - interval '3 hours', now() - interval '155 minutes',
            0.5, 0.42, technician, supervisor),
           (md5('work order 2')::uuid, 'WO-000002', loader, 'Find the noise of the drive', 'high', 'assigned', 'corrective',
            now() + interval '1 hour', now() + interval '3 hours', null, null, 2, null, technician, supervisor);

    insert into factory_telemetry.maintenance_tasks
           (work_order_id, task_order, task_name, estimated_duration_minutes, status, completed_by, completed_at)
    values (md5('work order 1')::uuid, 1, 'Isolate and lock',  5, 'completed', technician, now() - interval '175 minutes'),
           (md5('work order 1')::uuid, 2, 'Grease bearings',  20, 'completed', technician, now() - interval '155 minutes'),
           (md5('work order 2')::uuid, 1, 'Measure vibration', 30, 'pending', null, null);

    -- One row for each finished shift.
    insert into factory_telemetry.production_kpis
           (line_id, shift_id, kpi_date, oee, availability, performance, quality, total_production, good_parts, scrap_parts, rework_parts,
            total_downtime_minutes, planned_downtime_minutes, unplanned_downtime_minutes, changeover_time_minutes,
            maintenance_time_minutes, energy_consumption_kwh, material_waste_percent, first_pass_yield, created_at)
    select line, s.id, (shift_start - ended * interval '8 hours')::date, 0.90 * 0.93 * 0.985, 0.90, 0.93, 0.985, 40176, 39573, 603, 0,
           48, 30, 11, 7, 0, 120, 1.5, 0.985, shift_start - (ended - 1) * interval '8 hours'
      from generate_series(1, 3) as ended
      join factory_telemetry.production_shifts s
        on s.start_time = (shift_start - ended * interval '8 hours')::time;

    ---------------------------------------------------------------------- what was reported, and where things stand

    insert into factory_telemetry.report_generation_jobs
           (id, template_id, report_type, parameters, status, progress_percentage, created_by, created_at, started_at, completed_at)
    select md5('report job')::uuid, t.id, 'production', jsonb_build_object('line_id', line), 'completed', 100, manager,
           now() - interval '5 hours', now() - interval '299 minutes', now() - interval '298 minutes'
      from factory_telemetry.report_templates t
     where t.name = 'Daily Production Report';

    insert into factory_telemetry.production_reports
           (id, line_id, report_date, shift, total_production, good_parts, scrap_parts, total_downtime_minutes, oee_average,
            generated_by, generated_at, pdf_path, template_id, generation_job_id, file_size, file_hash)
    select md5('report')::uuid, line, current_date - 1, 'Day Shift', 40176, 39573, 603, 48, 0.824, manager, j.completed_at,
           'reports/daily-production.pdf', j.template_id, j.id, 48213, md5('report')
      from factory_telemetry.report_generation_jobs j;

    insert into factory_telemetry.report_access_logs (report_id, user_id, action, accessed_at)
    values (md5('report')::uuid, supervisor, 'downloaded', now() - interval '4 hours');

    insert into factory_telemetry.report_schedules (id, name, template_id, schedule_cron, next_run_at, last_run_at, created_by)
    select md5('report schedule')::uuid, 'Every morning', t.id, '15 6 * * *', date_trunc('day', now()) + interval '30 hours 15 minutes',
           now() - interval '5 hours', admin
      from factory_telemetry.report_templates t
     where t.name = 'Daily Production Report';

    insert into factory_telemetry.report_schedule_runs (schedule_id, generation_job_id, report_id, status, started_at, completed_at)
    values (md5('report schedule')::uuid, md5('report job')::uuid, md5('report')::uuid, 'completed',
            now() - interval '299 minutes', now() - interval '298 minutes');

    insert into factory_telemetry.report_notifications (report_id, user_id, notification_type, title, message)
    values (md5('report')::uuid, manager, 'generated', 'Report ready', 'The daily production report is ready');

    insert into factory_telemetry.report_favorites (user_id, template_id, name)
    select supervisor, t.id, 'My line, every day' from factory_telemetry.report_templates t where t.template_type = 'production';

    perform factory_telemetry.update_equipment_production_context(
                machine, line, md5('job 5')::uuid, md5('schedule 5')::uuid, 100, p.id, s.id, 40000, 8005, 0.93, 0.985, 'none',
                u.username, s.name, false, null, 'shift_start')
       from unnest(array[bagger, loader]) as machine
       join factory_telemetry.product_types p on p.product_code = 'PROD-001'
       join factory_telemetry.production_shifts s on s.start_time = shift_start::time
       join factory_telemetry.users u on u.id = operator;

    update factory_telemetry.production_lines set status = 'running', updated_at = now() where id = line;

    perform factory_telemetry.refresh_materialized_views();
    perform factory_telemetry.update_table_statistics();
end
$$;
