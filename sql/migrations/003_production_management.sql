-- 003: lines, products, the plan, the people's jobs, and what happened: downtime, andon, OEE.

create table if not exists factory_telemetry.production_lines (
    id              uuid primary key default gen_random_uuid(),
    line_code       text not null unique,
    name            text not null,
    description     text,
    equipment_codes text[] not null default '{}',
    target_speed    double precision check (target_speed > 0),
    status          text not null default 'idle'
                    check (status in ('running', 'stopped', 'fault', 'maintenance', 'setup', 'idle')),
    enabled         boolean not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now()
);
comment on column factory_telemetry.production_lines.target_speed is 'bags per minute';

create table if not exists factory_telemetry.product_types (
    id                 uuid primary key default gen_random_uuid(),
    product_code       text not null unique,
    name               text not null,
    description        text,
    target_speed       double precision check (target_speed > 0),
    cycle_time_seconds double precision check (cycle_time_seconds > 0),
    quality_specs      jsonb not null default '{}',
    enabled            boolean not null default true,
    created_at         timestamptz not null default now()
);

create table if not exists factory_telemetry.production_schedules (
    id              uuid primary key default gen_random_uuid(),
    line_id         uuid not null references factory_telemetry.production_lines (id),
    product_type_id uuid not null references factory_telemetry.product_types (id),
    scheduled_start timestamptz not null,
    scheduled_end   timestamptz not null,
    target_quantity integer not null check (target_quantity > 0),
    priority        integer not null default 1,
    status          text not null default 'scheduled'
                    check (status in ('scheduled', 'in_progress', 'completed', 'cancelled', 'paused')),
    created_by      uuid references factory_telemetry.users (id),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    check (scheduled_end > scheduled_start)
);
create index if not exists idx_production_schedules_line_status on factory_telemetry.production_schedules (line_id, status);
create index if not exists idx_production_schedules_scheduled_start on factory_telemetry.production_schedules (scheduled_start);

create table if not exists factory_telemetry.job_assignments (
    id           uuid primary key default gen_random_uuid(),
    schedule_id  uuid not null references factory_telemetry.production_schedules (id),
    user_id      uuid not null references factory_telemetry.users (id),
    assigned_at  timestamptz not null default now(),
    accepted_at  timestamptz,
    started_at   timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    status       text not null default 'assigned'
                 check (status in ('assigned', 'accepted', 'in_progress', 'completed', 'cancelled')),
    notes        text,
    check (status <> 'completed' or completed_at is not null)
);
create index if not exists idx_job_assignments_user_status on factory_telemetry.job_assignments (user_id, status);
create index if not exists idx_job_assignments_schedule_id on factory_telemetry.job_assignments (schedule_id);

-- checklist_items: [{id, item, required, type}], responses: {id: {checked, notes}}.
create table if not exists factory_telemetry.checklist_templates (
    id              uuid primary key default gen_random_uuid(),
    name            text not null unique,
    equipment_codes text[] not null,
    checklist_items jsonb not null check (jsonb_typeof(checklist_items) = 'array'),
    enabled         boolean not null default true,
    created_at      timestamptz not null default now()
);

create table if not exists factory_telemetry.checklist_completions (
    id                uuid primary key default gen_random_uuid(),
    job_assignment_id uuid not null references factory_telemetry.job_assignments (id),
    template_id       uuid not null references factory_telemetry.checklist_templates (id),
    completed_by      uuid not null references factory_telemetry.users (id),
    completed_at      timestamptz not null default now(),
    responses         jsonb not null,
    signature_data    jsonb,
    status            text not null default 'completed' check (status in ('completed', 'failed'))
);
create index if not exists idx_checklist_completions_job on factory_telemetry.checklist_completions (job_assignment_id);

-- end_time and duration_seconds are null while the stop lasts.
create table if not exists factory_telemetry.downtime_events (
    id                 uuid primary key default gen_random_uuid(),
    line_id            uuid not null references factory_telemetry.production_lines (id),
    equipment_code     text not null references factory_telemetry.equipment_config (equipment_code),
    start_time         timestamptz not null,
    end_time           timestamptz,
    duration_seconds   integer check (duration_seconds >= 0),
    reason_code        text not null,
    reason_description text,
    category           text not null check (category in ('planned', 'unplanned', 'changeover', 'maintenance')),
    subcategory        text,
    reported_by        uuid references factory_telemetry.users (id),
    confirmed_by       uuid references factory_telemetry.users (id),
    confirmed_at       timestamptz,
    notes              text,
    created_at         timestamptz not null default now(),
    check (end_time >= start_time)
);
create index if not exists idx_downtime_events_line_start on factory_telemetry.downtime_events (line_id, start_time desc);
create index if not exists idx_downtime_events_equipment_start on factory_telemetry.downtime_events (equipment_code, start_time desc);

-- Shares between 0 and 1. The key holds calculation_time because a hypertable asks for it.
create table if not exists factory_telemetry.oee_calculations (
    id                      bigint generated by default as identity,
    line_id                 uuid not null references factory_telemetry.production_lines (id),
    equipment_code          text not null,
    calculation_time        timestamptz not null,
    availability            double precision not null check (availability between 0 and 1),
    performance             double precision not null check (performance between 0 and 1),
    quality                 double precision not null check (quality between 0 and 1),
    oee                     double precision not null check (oee between 0 and 1),
    planned_production_time integer check (planned_production_time >= 0),
    actual_production_time  integer check (actual_production_time >= 0),
    ideal_cycle_time        double precision,
    actual_cycle_time       double precision,
    good_parts              integer check (good_parts >= 0),
    total_parts             integer check (total_parts >= 0),
    primary key (id, calculation_time),
    check (good_parts <= total_parts)
);
create index if not exists idx_oee_calculations_line_time on factory_telemetry.oee_calculations (line_id, calculation_time desc);
create index if not exists idx_oee_calculations_equipment_time on factory_telemetry.oee_calculations (equipment_code, calculation_time desc);
comment on column factory_telemetry.oee_calculations.planned_production_time is 'seconds';
comment on column factory_telemetry.oee_calculations.actual_production_time is 'seconds';
comment on column factory_telemetry.oee_calculations.ideal_cycle_time is 'seconds';
comment on column factory_telemetry.oee_calculations.actual_cycle_time is 'seconds';

create table if not exists factory_telemetry.production_reports (
    id                     uuid primary key default gen_random_uuid(),
    line_id                uuid references factory_telemetry.production_lines (id),
    report_date            date not null,
    shift                  text,
    total_production       integer not null default 0,
    good_parts             integer not null default 0,
    scrap_parts            integer not null default 0,
    rework_parts           integer not null default 0,
    total_downtime_minutes integer not null default 0,
    oee_average            double precision check (oee_average between 0 and 1),
    report_data            jsonb,
    generated_by           uuid references factory_telemetry.users (id),
    generated_at           timestamptz not null default now(),
    pdf_path               text
);
create index if not exists idx_production_reports_line_date on factory_telemetry.production_reports (line_id, report_date desc);

create table if not exists factory_telemetry.andon_events (
    id               uuid primary key default gen_random_uuid(),
    line_id          uuid not null references factory_telemetry.production_lines (id),
    equipment_code   text not null references factory_telemetry.equipment_config (equipment_code),
    event_type       text not null check (event_type in ('stop', 'quality', 'maintenance', 'material')),
    priority         text not null check (priority in ('low', 'medium', 'high', 'critical')),
    description      text not null,
    status           text not null default 'open' check (status in ('open', 'acknowledged', 'resolved', 'escalated')),
    reported_by      uuid references factory_telemetry.users (id),
    reported_at      timestamptz not null default now(),
    acknowledged_by  uuid references factory_telemetry.users (id),
    acknowledged_at  timestamptz,
    resolved_by      uuid references factory_telemetry.users (id),
    resolved_at      timestamptz,
    resolution_notes text,
    check (status <> 'acknowledged' or acknowledged_at is not null),
    check (status <> 'resolved' or resolved_at is not null)
);
create index if not exists idx_andon_events_line_status on factory_telemetry.andon_events (line_id, status);
create index if not exists idx_andon_events_reported_at on factory_telemetry.andon_events (reported_at desc);

insert into factory_telemetry.production_lines (line_code, name, description, equipment_codes, target_speed)
values ('L-BAG1', 'Bagger Line 1', 'Bagging of sliced loaves',
        array['BP01.PACK.BAG1', 'BP01.PACK.BAG1.BL'], 100)
on conflict (line_code) do nothing;

insert into factory_telemetry.product_types (product_code, name, description, target_speed, cycle_time_seconds)
values ('PROD-001', 'Standard loaf 500 g',  'Sliced loaf in a standard bag', 100, 0.6),
       ('PROD-002', 'Large loaf 750 g',     'Sliced loaf in a large bag',     80, 0.75),
       ('PROD-003', 'Speciality loaf 400 g', 'Loaf in a printed bag',         60, 1.0)
on conflict (product_code) do nothing;

insert into factory_telemetry.checklist_templates (name, equipment_codes, checklist_items)
values ('Bagger pre-start', array['BP01.PACK.BAG1', 'BP01.PACK.BAG1.BL'],
        '[{"id": "guards",       "item": "All safety guards are in place",        "type": "checkbox",    "required": true},
          {"id": "stops",        "item": "Emergency stops were tried",            "type": "checkbox",    "required": true},
          {"id": "air_pressure", "item": "Air pressure is between 4 and 6 bar",   "type": "measurement", "required": true, "unit": "bar"},
          {"id": "bags",         "item": "Bags for the first hour are loaded",    "type": "checkbox",    "required": true},
          {"id": "notes",        "item": "Anything the next shift should know",   "type": "text",        "required": false}]')
on conflict (name) do nothing;

create or replace view public.v_production_dashboard as
select l.id   as line_id,
       l.line_code,
       l.name as line_name,
       l.target_speed,
       s.id   as schedule_id,
       s.scheduled_start,
       s.scheduled_end,
       s.target_quantity,
       s.status as schedule_status,
       p.product_code,
       p.name as product_name,
       p.cycle_time_seconds,
       j.id   as job_assignment_id,
       j.user_id,
       j.status as job_status,
       j.assigned_at,
       j.accepted_at,
       j.started_at,
       j.completed_at,
       u.username,
       u.first_name,
       u.last_name
  from factory_telemetry.production_lines l
  left join factory_telemetry.production_schedules s on s.line_id = l.id
  left join factory_telemetry.product_types p on p.id = s.product_type_id
  left join factory_telemetry.job_assignments j on j.schedule_id = s.id
  left join factory_telemetry.users u on u.id = j.user_id
 where l.enabled;

create or replace view public.v_downtime_summary as
select l.line_code,
       l.name as line_name,
       d.equipment_code,
       d.category,
       d.subcategory,
       d.reason_code,
       d.reason_description,
       d.start_time,
       d.end_time,
       d.duration_seconds,
       d.duration_seconds / 60.0 as duration_minutes,
       reporter.username  as reported_by,
       confirmer.username as confirmed_by
  from factory_telemetry.downtime_events d
  join factory_telemetry.production_lines l on l.id = d.line_id
  left join factory_telemetry.users reporter  on reporter.id = d.reported_by
  left join factory_telemetry.users confirmer on confirmer.id = d.confirmed_by
 where d.end_time is not null;

create or replace view public.v_oee_summary as
select l.line_code,
       l.name as line_name,
       o.equipment_code,
       o.calculation_time,
       o.availability,
       o.performance,
       o.quality,
       o.oee,
       o.good_parts,
       o.total_parts,
       case when o.oee >= 0.85 then 'excellent'
            when o.oee >= 0.70 then 'good'
            when o.oee >= 0.50 then 'fair'
            else 'poor'
       end as oee_rating
  from factory_telemetry.oee_calculations o
  join factory_telemetry.production_lines l on l.id = o.line_id;
