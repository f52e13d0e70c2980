-- 004: shifts and targets, quality, maintenance, material and energy, alerts and key figures.

-- end_time before start_time: the shift goes over midnight.
create table if not exists factory_telemetry.production_shifts (
    id          uuid primary key default gen_random_uuid(),
    name        text not null unique,
    start_time  time not null,
    end_time    time not null,
    description text,
    enabled     boolean not null default true,
    created_at  timestamptz not null default now()
);

create table if not exists factory_telemetry.shift_assignments (
    id            uuid primary key default gen_random_uuid(),
    user_id       uuid not null references factory_telemetry.users (id),
    shift_id      uuid not null references factory_telemetry.production_shifts (id),
    line_id       uuid not null references factory_telemetry.production_lines (id),
    assigned_date date not null,
    is_primary    boolean not null default true,
    created_at    timestamptz not null default now(),
    unique (user_id, shift_id, line_id, assigned_date)
);
create index if not exists idx_shift_assignments_date on factory_telemetry.shift_assignments (assigned_date);

create table if not exists factory_telemetry.production_targets (
    id                  uuid primary key default gen_random_uuid(),
    line_id             uuid not null references factory_telemetry.production_lines (id),
    product_type_id     uuid not null references factory_telemetry.product_types (id),
    shift_id            uuid references factory_telemetry.production_shifts (id),
    target_date         date not null,
    target_quantity     integer not null check (target_quantity > 0),
    target_oee          double precision check (target_oee between 0 and 1),
    target_availability double precision check (target_availability between 0 and 1),
    target_performance  double precision check (target_performance between 0 and 1),
    target_quality      double precision check (target_quality between 0 and 1),
    created_by          uuid references factory_telemetry.users (id),
    created_at          timestamptz not null default now(),
    unique (line_id, product_type_id, target_date, shift_id)
);

create table if not exists factory_telemetry.defect_codes (
    id          uuid primary key default gen_random_uuid(),
    code        text not null unique,
    name        text not null,
    description text,
    category    text not null check (category in ('dimensional', 'visual', 'functional', 'packaging')),
    severity    text not null check (severity in ('minor', 'major', 'critical')),
    enabled     boolean not null default true,
    created_at  timestamptz not null default now()
);

create table if not exists factory_telemetry.quality_checks (
    id               uuid primary key default gen_random_uuid(),
    line_id          uuid not null references factory_telemetry.production_lines (id),
    product_type_id  uuid not null references factory_telemetry.product_types (id),
    check_time       timestamptz not null,
    check_type       text not null check (check_type in ('incoming', 'in_process', 'final', 'audit')),
    check_result     text not null check (check_result in ('pass', 'fail', 'conditional')),
    quantity_checked integer not null check (quantity_checked > 0),
    quantity_passed  integer not null check (quantity_passed >= 0),
    quantity_failed  integer not null check (quantity_failed >= 0),
    defect_codes     text[] not null default '{}',
    notes            text,
    checked_by       uuid references factory_telemetry.users (id),
    created_at       timestamptz not null default now(),
    check (quantity_passed + quantity_failed = quantity_checked)
);
create index if not exists idx_quality_checks_line_time on factory_telemetry.quality_checks (line_id, check_time desc);

create table if not exists factory_telemetry.maintenance_work_orders (
    id                       uuid primary key default gen_random_uuid(),
    work_order_number        text not null unique,
    equipment_code           text not null references factory_telemetry.equipment_config (equipment_code),
    title                    text not null,
    description              text,
    priority                 text not null check (priority in ('low', 'medium', 'high', 'critical')),
    status                   text not null default 'open'
                             check (status in ('open', 'assigned', 'in_progress', 'completed', 'cancelled')),
    work_type                text not null check (work_type in ('preventive', 'corrective', 'predictive', 'emergency')),
    scheduled_start          timestamptz,
    scheduled_end            timestamptz,
    actual_start             timestamptz,
    actual_end               timestamptz,
    estimated_duration_hours double precision,
    actual_duration_hours    double precision,
    assigned_to              uuid references factory_telemetry.users (id),
    created_by               uuid references factory_telemetry.users (id),
    created_at               timestamptz not null default now(),
    updated_at               timestamptz not null default now()
);
create index if not exists idx_maintenance_work_orders_equipment on factory_telemetry.maintenance_work_orders (equipment_code, status);

create table if not exists factory_telemetry.maintenance_tasks (
    id                         uuid primary key default gen_random_uuid(),
    work_order_id              uuid not null references factory_telemetry.maintenance_work_orders (id) on delete cascade,
    task_name                  text not null,
    description                text,
    task_order                 integer not null,
    estimated_duration_minutes integer,
    actual_duration_minutes    integer,
    status                     text not null default 'pending'
                               check (status in ('pending', 'in_progress', 'completed', 'skipped')),
    completed_by               uuid references factory_telemetry.users (id),
    completed_at               timestamptz,
    notes                      text,
    created_at                 timestamptz not null default now(),
    unique (work_order_id, task_order)
);

create table if not exists factory_telemetry.material_consumption (
    id                uuid primary key default gen_random_uuid(),
    line_id           uuid not null references factory_telemetry.production_lines (id),
    shift_id          uuid references factory_telemetry.production_shifts (id),
    material_code     text not null,
    material_name     text not null,
    consumption_date  date not null,
    quantity_consumed double precision not null check (quantity_consumed >= 0),
    unit_of_measure   text not null,
    cost_per_unit     numeric(12, 4),
    total_cost        numeric(14, 2),
    recorded_by       uuid references factory_telemetry.users (id),
    created_at        timestamptz not null default now()
);
create index if not exists idx_material_consumption_line_date on factory_telemetry.material_consumption (line_id, consumption_date);

-- The key holds consumption_time because a hypertable asks for it.
create table if not exists factory_telemetry.energy_consumption (
    id                     bigint generated by default as identity,
    equipment_code         text not null,
    consumption_time       timestamptz not null,
    power_consumption_kw   double precision not null check (power_consumption_kw >= 0),
    energy_consumption_kwh double precision not null check (energy_consumption_kwh >= 0),
    voltage_v              double precision,
    current_a              double precision,
    power_factor           double precision check (power_factor between 0 and 1),
    temperature_c          double precision,
    humidity_percent       double precision check (humidity_percent between 0 and 100),
    primary key (id, consumption_time)
);
create index if not exists idx_energy_consumption_equipment_time on factory_telemetry.energy_consumption (equipment_code, consumption_time desc);

create table if not exists factory_telemetry.production_alerts (
    id               uuid primary key default gen_random_uuid(),
    line_id          uuid not null references factory_telemetry.production_lines (id),
    equipment_code   text references factory_telemetry.equipment_config (equipment_code),
    alert_type       text not null check (alert_type in ('oee_low', 'downtime_high', 'quality_issue', 'maintenance_due', 'target_missed')),
    severity         text not null check (severity in ('info', 'warning', 'error', 'critical')),
    title            text not null,
    message          text not null,
    threshold_value  double precision,
    actual_value     double precision,
    is_acknowledged  boolean not null default false,
    acknowledged_by  uuid references factory_telemetry.users (id),
    acknowledged_at  timestamptz,
    is_resolved      boolean not null default false,
    resolved_by      uuid references factory_telemetry.users (id),
    resolved_at      timestamptz,
    resolution_notes text,
    created_at       timestamptz not null default now()
);
create index if not exists idx_production_alerts_line_created on factory_telemetry.production_alerts (line_id, created_at desc);

-- The key holds created_at because a hypertable asks for it.
create table if not exists factory_telemetry.production_kpis (
    id                         bigint generated by default as identity,
    line_id                    uuid not null references factory_telemetry.production_lines (id),
    shift_id                   uuid references factory_telemetry.production_shifts (id),
    kpi_date                   date not null,
    oee                        double precision check (oee between 0 and 1),
    availability               double precision check (availability between 0 and 1),
    performance                double precision check (performance between 0 and 1),
    quality                    double precision check (quality between 0 and 1),
    total_production           integer,
    good_parts                 integer,
    scrap_parts                integer,
    rework_parts               integer,
    total_downtime_minutes     integer,
    planned_downtime_minutes   integer,
    unplanned_downtime_minutes integer,
    changeover_time_minutes    integer,
    maintenance_time_minutes   integer,
    energy_consumption_kwh     double precision,
    material_waste_percent     double precision,
    first_pass_yield           double precision check (first_pass_yield between 0 and 1),
    created_at                 timestamptz not null default now(),
    primary key (id, created_at)
);
create index if not exists idx_production_kpis_line_date on factory_telemetry.production_kpis (line_id, kpi_date desc);

insert into factory_telemetry.production_shifts (name, start_time, end_time, description)
values ('Day Shift',       '06:00', '14:00', 'First shift'),
       ('Afternoon Shift', '14:00', '22:00', 'Second shift'),
       ('Night Shift',     '22:00', '06:00', 'Third shift, over midnight')
on conflict (name) do nothing;

insert into factory_telemetry.defect_codes (code, name, description, category, severity)
values ('DIM-001', 'Too short',        'Pack shorter than its specification', 'dimensional', 'major'),
       ('DIM-002', 'Too long',         'Pack longer than its specification',  'dimensional', 'major'),
       ('VIS-001', 'Poor print',       'Print is not legible',                'visual',      'minor'),
       ('VIS-002', 'Wrong colour',     'Colour outside of its range',         'visual',      'minor'),
       ('FUN-001', 'Open seal',        'Seal is not closed',                  'functional',  'critical'),
       ('FUN-002', 'Leak',             'Pack leaks when pressed',             'functional',  'critical'),
       ('PAC-001', 'Label misaligned', 'Label is askew or displaced',         'packaging',   'minor'),
       ('PAC-002', 'Torn pack',        'Pack is torn or pierced',             'packaging',   'major')
on conflict (code) do nothing;

create or replace view public.v_production_performance as
select l.line_code,
       l.name as line_name,
       k.kpi_date,
       s.name as shift_name,
       k.oee,
       k.availability,
       k.performance,
       k.quality,
       k.total_production,
       k.good_parts,
       k.scrap_parts,
       k.rework_parts,
       k.total_downtime_minutes,
       k.unplanned_downtime_minutes,
       k.energy_consumption_kwh,
       k.material_waste_percent,
       k.first_pass_yield
  from factory_telemetry.production_kpis k
  join factory_telemetry.production_lines l on l.id = k.line_id
  left join factory_telemetry.production_shifts s on s.id = k.shift_id;

create or replace view public.v_maintenance_overview as
select o.id,
       o.work_order_number,
       o.equipment_code,
       o.title,
       o.priority,
       o.status,
       o.work_type,
       o.scheduled_start,
       o.scheduled_end,
       o.actual_start,
       o.actual_end,
       o.estimated_duration_hours,
       o.actual_duration_hours,
       assignee.username as assigned_to,
       creator.username  as created_by,
       tasks.total       as total_tasks,
       tasks.completed   as completed_tasks
  from factory_telemetry.maintenance_work_orders o
  left join factory_telemetry.users assignee on assignee.id = o.assigned_to
  left join factory_telemetry.users creator  on creator.id = o.created_by
 cross join lateral (select count(*) as total, count(*) filter (where t.status = 'completed') as completed
                       from factory_telemetry.maintenance_tasks t
                      where t.work_order_id = o.id) tasks;

create or replace view public.v_quality_summary as
select l.line_code,
       l.name as line_name,
       p.product_code,
       p.name as product_name,
       q.check_time,
       q.check_type,
       q.check_result,
       q.quantity_checked,
       q.quantity_passed,
       q.quantity_failed,
       round(100.0 * q.quantity_passed / q.quantity_checked, 2) as pass_rate_percent,
       q.defect_codes,
       u.username as checked_by
  from factory_telemetry.quality_checks q
  join factory_telemetry.production_lines l on l.id = q.line_id
  join factory_telemetry.product_types p on p.id = q.product_type_id
  left join factory_telemetry.users u on u.id = q.checked_by;
