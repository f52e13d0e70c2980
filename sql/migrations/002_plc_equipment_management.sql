-- 002: the controllers, the machines behind them, and the people.

create table if not exists factory_telemetry.plc_config (
    id              uuid primary key default gen_random_uuid(),
    name            text not null unique,
    ip_address      inet not null,
    plc_type        text not null check (plc_type in ('LOGIX', 'SLC')),
    port            integer not null default 44818 check (port between 1 and 65535),
    enabled         boolean not null default true,
    poll_interval_s double precision not null default 1.0 check (poll_interval_s > 0),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    unique (ip_address, port)
);

create table if not exists factory_telemetry.equipment_config (
    id             uuid primary key default gen_random_uuid(),
    equipment_code text not null unique,
    name           text not null,
    description    text,
    plc_id         uuid references factory_telemetry.plc_config (id),
    enabled        boolean not null default true,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now()
);
create index if not exists idx_equipment_config_plc_id on factory_telemetry.equipment_config (plc_id);

-- Accounts are made by administrators: no migration brings one, so none has a published password.
create table if not exists factory_telemetry.users (
    id                    uuid primary key default gen_random_uuid(),
    username              text not null unique,
    email                 text not null unique,
    password_hash         text not null,
    role                  text not null default 'viewer'
                          check (role in ('admin', 'production_manager', 'shift_manager', 'engineer',
                                          'operator', 'maintenance', 'quality', 'viewer')),
    first_name            text,
    last_name             text,
    employee_id           text unique,
    department            text,
    shift                 text,
    skills                text[] not null default '{}',
    certifications        text[] not null default '{}',
    is_active             boolean not null default true,
    failed_login_attempts integer not null default 0 check (failed_login_attempts >= 0),
    locked_until          timestamptz,
    password_changed_at   timestamptz not null default now(),
    last_login            timestamptz,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now()
);
create index if not exists idx_users_role on factory_telemetry.users (role);

insert into factory_telemetry.plc_config (name, ip_address, plc_type)
values ('Bagger 1 PLC',        '10.16.1.131', 'LOGIX'),
       ('Basket Loader 1 PLC', '10.16.1.140', 'SLC')
on conflict do nothing;

insert into factory_telemetry.equipment_config (equipment_code, name, description, plc_id)
select seed.equipment_code, seed.name, seed.description, plc.id
  from (values ('BP01.PACK.BAG1',    'Bagger 1',        'Bags and closes loaves',       'Bagger 1 PLC'),
               ('BP01.PACK.BAG1.BL', 'Basket Loader 1', 'Loads bagged loaves to baskets', 'Basket Loader 1 PLC')
       ) as seed (equipment_code, name, description, plc_name)
  join factory_telemetry.plc_config plc on plc.name = seed.plc_name
on conflict (equipment_code) do nothing;

-- The telemetry of 001 belongs to known machines from here on.
do $$
declare
    telemetry text;
begin
    foreach telemetry in array array['metric_def', 'fault_catalog', 'fault_active', 'fault_event', 'context'] loop
        if not exists (select from pg_constraint
                        where conrelid = format('factory_telemetry.%I', telemetry)::regclass
                          and conname = telemetry || '_equipment_code_fkey') then
            execute format('alter table factory_telemetry.%I add constraint %I foreign key (equipment_code)'
                           ' references factory_telemetry.equipment_config (equipment_code)',
                           telemetry, telemetry || '_equipment_code_fkey');
        end if;
    end loop;
end
$$;

insert into factory_telemetry.metric_def
       (equipment_code, metric_key, value_type, unit, description, display_name, min_value, max_value, warning_threshold, alarm_threshold)
values ('BP01.PACK.BAG1',    'running_status', 'BOOL', null,       'Machine is producing',             'Running',     null, null, null, null),
       ('BP01.PACK.BAG1',    'speed_real',     'REAL', 'bags/min', 'Speed as measured at the closure', 'Speed',       0,    140,  80,   60),
       ('BP01.PACK.BAG1',    'product_count',  'INT',  'bags',     'Bags since the shift began',       'Bags',        0,    null, null, null),
       ('BP01.PACK.BAG1',    'reject_count',   'INT',  'bags',     'Bags rejected since shift began',  'Rejects',     0,    null, null, null),
       ('BP01.PACK.BAG1',    'has_active_fault', 'BOOL', null,     'At least one fault bit is set',    'Fault',       null, null, null, null),
       ('BP01.PACK.BAG1.BL', 'running_status', 'BOOL', null,       'Machine is producing',             'Running',     null, null, null, null),
       ('BP01.PACK.BAG1.BL', 'basket_count',   'INT',  'baskets',  'Baskets since the shift began',    'Baskets',     0,    null, null, null),
       ('BP01.PACK.BAG1.BL', 'temperature',    'REAL', '°C',       'Temperature of the drive',         'Temperature', -20,  120,  70,   85)
on conflict (equipment_code, metric_key) do nothing;

insert into factory_telemetry.metric_binding (metric_def_id, plc_kind, address, bit_index)
select d.id, seed.plc_kind, seed.address, seed.bit_index
  from (values ('BP01.PACK.BAG1',    'running_status',   'LOGIX',    'Status.Running',    null::integer),
               ('BP01.PACK.BAG1',    'speed_real',       'LOGIX',    'Speed.Actual',      null),
               ('BP01.PACK.BAG1',    'product_count',    'LOGIX',    'Counters.Good',     null),
               ('BP01.PACK.BAG1',    'reject_count',     'LOGIX',    'Counters.Reject',   null),
               ('BP01.PACK.BAG1',    'has_active_fault', 'COMPUTED', 'any(Fault.Word[])', null),
               ('BP01.PACK.BAG1.BL', 'running_status',   'SLC',      'B3:0',              3),
               ('BP01.PACK.BAG1.BL', 'basket_count',     'SLC',      'C5:1.ACC',          null),
               ('BP01.PACK.BAG1.BL', 'temperature',      'SLC',      'F8:0',              null)
       ) as seed (equipment_code, metric_key, plc_kind, address, bit_index)
  join factory_telemetry.metric_def d using (equipment_code, metric_key)
on conflict (metric_def_id, address) do nothing;

insert into factory_telemetry.fault_catalog (equipment_code, bit_index, name, description, marker)
values ('BP01.PACK.BAG1',    0, 'Emergency stop',  'An emergency stop of the machine is pressed',  'INTERNAL'),
       ('BP01.PACK.BAG1',    1, 'Guard open',      'A safety guard is open',                       'INTERNAL'),
       ('BP01.PACK.BAG1',    2, 'Bag supply empty', 'No bag at the pick position',                 'INTERNAL'),
       ('BP01.PACK.BAG1',    3, 'Closure jam',     'The closure did not come free in time',        'INTERNAL'),
       ('BP01.PACK.BAG1',    4, 'Starved',         'No loaf from the slicer',                      'UPSTREAM'),
       ('BP01.PACK.BAG1',    5, 'Blocked',         'The basket loader does not take bags',         'DOWNSTREAM'),
       ('BP01.PACK.BAG1.BL', 0, 'Emergency stop',  'An emergency stop of the machine is pressed',  'INTERNAL'),
       ('BP01.PACK.BAG1.BL', 1, 'Basket missing',  'No empty basket at the loading position',      'UPSTREAM'),
       ('BP01.PACK.BAG1.BL', 2, 'Drive overheated', 'The drive is above its alarm temperature',    'INTERNAL')
on conflict (equipment_code, bit_index) do nothing;
