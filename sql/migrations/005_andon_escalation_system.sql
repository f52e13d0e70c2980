-- 005: who is told of an andon event, and who is told next when nobody answers.

alter table factory_telemetry.andon_events
    add column if not exists escalation_level  integer not null default 0 check (escalation_level >= 0),
    add column if not exists escalation_status text not null default 'none'
                             check (escalation_status in ('none', 'escalated', 'timeout', 'resolved'));

create table if not exists factory_telemetry.andon_escalations (
    id                             uuid primary key default gen_random_uuid(),
    event_id                       uuid not null references factory_telemetry.andon_events (id) on delete cascade,
    priority                       text not null check (priority in ('low', 'medium', 'high', 'critical')),
    acknowledgment_timeout_minutes integer not null default 15 check (acknowledgment_timeout_minutes > 0),
    resolution_timeout_minutes     integer not null default 60 check (resolution_timeout_minutes > 0),
    escalation_recipients          text[] not null default '{}',
    escalation_level               integer not null default 1 check (escalation_level > 0),
    status                         text not null default 'active'
                                   check (status in ('active', 'acknowledged', 'escalated', 'cancelled', 'resolved')),
    created_at                     timestamptz not null default now(),
    acknowledged_at                timestamptz,
    escalated_at                   timestamptz,
    cancelled_at                   timestamptz,
    resolved_at                    timestamptz,
    escalation_notes               text,
    escalated_by                   uuid references factory_telemetry.users (id),
    acknowledged_by                uuid references factory_telemetry.users (id)
);
create index if not exists idx_andon_escalations_event_id on factory_telemetry.andon_escalations (event_id);
create index if not exists idx_andon_escalations_status on factory_telemetry.andon_escalations (status, created_at);

-- notification_method is null where the step was taken by the clock and notified by every method of its rule.
create table if not exists factory_telemetry.andon_escalation_history (
    id                  uuid primary key default gen_random_uuid(),
    escalation_id       uuid not null references factory_telemetry.andon_escalations (id) on delete cascade,
    action              text not null
                        check (action in ('created', 'acknowledged', 'escalated', 'cancelled', 'resolved', 'timeout')),
    performed_by        uuid references factory_telemetry.users (id),
    performed_at        timestamptz not null default now(),
    notes               text,
    escalation_level    integer,
    recipients_notified text[] not null default '{}',
    notification_method text check (notification_method in ('email', 'sms', 'phone', 'websocket', 'push'))
);
create index if not exists idx_andon_escalation_history_escalation
    on factory_telemetry.andon_escalation_history (escalation_id, performed_at);

create table if not exists factory_telemetry.andon_escalation_rules (
    id                          uuid primary key default gen_random_uuid(),
    priority                    text not null check (priority in ('low', 'medium', 'high', 'critical')),
    escalation_level            integer not null check (escalation_level > 0),
    delay_minutes               integer not null default 0 check (delay_minutes >= 0),
    recipients                  text[] not null check (cardinality(recipients) > 0),
    notification_methods        text[] not null default '{email,websocket}',
    escalation_message_template text,
    enabled                     boolean not null default true,
    created_at                  timestamptz not null default now(),
    updated_at                  timestamptz not null default now(),
    unique (priority, escalation_level)
);

-- A rule names roles; this says who they are.
create table if not exists factory_telemetry.andon_escalation_recipients (
    id                uuid primary key default gen_random_uuid(),
    role              text not null unique,
    name              text not null,
    email             text,
    phone             text,
    sms_enabled       boolean not null default false,
    email_enabled     boolean not null default true,
    websocket_enabled boolean not null default true,
    push_enabled      boolean not null default false,
    escalation_levels integer[] not null default '{1,2,3,4}',
    enabled           boolean not null default true,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    check (email is not null or not email_enabled),
    check (phone is not null or not sms_enabled)
);

insert into factory_telemetry.andon_escalation_rules
       (priority, escalation_level, delay_minutes, recipients, notification_methods, escalation_message_template)
values ('low',      1,  0, '{shift_manager,engineer}',                    '{email,websocket}',           'Andon, low: {event_description}'),
       ('low',      2, 15, '{production_manager}',                        '{email,websocket,sms}',       'Andon, low, not resolved after 15 minutes: {event_description}'),
       ('medium',   1,  0, '{shift_manager,engineer,production_manager}', '{email,websocket,sms}',       'Andon, medium: {event_description}'),
       ('medium',   2, 10, '{admin}',                                     '{email,websocket,sms,phone}', 'Andon, medium, not resolved after 10 minutes: {event_description}'),
       ('high',     1,  0, '{shift_manager,engineer,production_manager}', '{email,websocket,sms,phone}', 'Andon, high: {event_description}'),
       ('high',     2,  5, '{all_managers}',                              '{email,websocket,sms,phone}', 'Andon, high, not resolved after 5 minutes: {event_description}'),
       ('critical', 1,  0, '{all_managers,engineer}',                     '{email,websocket,sms,phone}', 'Andon, critical: {event_description}'),
       ('critical', 2,  2, '{all_managers,admin}',                        '{email,websocket,sms,phone}', 'Andon, critical, not resolved after 2 minutes: {event_description}')
on conflict (priority, escalation_level) do nothing;

-- The plant's own mailboxes: its mail domain is internal, so no letter can leave the house.
insert into factory_telemetry.andon_escalation_recipients (role, name, email, phone, sms_enabled, push_enabled, escalation_levels)
values ('shift_manager',      'Shift managers',       'shift.managers@bakery-plant1.internal',      '+441632960131', true, true, '{1,2,3,4}'),
       ('engineer',           'Engineers on duty',    'engineers.on.duty@bakery-plant1.internal',   '+441632960132', true, true, '{1,2,3,4}'),
       ('production_manager', 'Production managers',  'production.managers@bakery-plant1.internal', '+441632960133', true, true, '{1,2,3,4}'),
       ('admin',              'System administrator', 'ms5.administrators@bakery-plant1.internal',  '+441632960134', true, true, '{2,3,4}'),
       ('all_managers',       'All managers on duty', 'managers.on.duty@bakery-plant1.internal',    '+441632960135', true, true, '{1,2,3,4}')
on conflict (role) do nothing;

create or replace view public.v_active_andon_escalations as
select x.id     as escalation_id,
       x.event_id,
       x.priority,
       x.escalation_level,
       x.status as escalation_status,
       x.created_at as escalation_created_at,
       x.acknowledged_at,
       x.escalated_at,
       x.acknowledgment_timeout_minutes,
       x.resolution_timeout_minutes,
       x.escalation_recipients,
       x.escalation_notes,
       e.line_id,
       l.line_code,
       l.name as line_name,
       e.equipment_code,
       e.event_type,
       e.description as event_description,
       e.reported_at,
       reporter.username     as reported_by_username,
       acknowledger.username as acknowledged_by_username,
       case when x.acknowledged_at is null
            then greatest(0, x.acknowledgment_timeout_minutes - extract(epoch from now() - x.created_at) / 60)
       end as acknowledgment_time_remaining_minutes,
       greatest(0, x.resolution_timeout_minutes - extract(epoch from now() - x.created_at) / 60)
           as resolution_time_remaining_minutes
  from factory_telemetry.andon_escalations x
  join factory_telemetry.andon_events e on e.id = x.event_id
  join factory_telemetry.production_lines l on l.id = e.line_id
  left join factory_telemetry.users reporter     on reporter.id = e.reported_by
  left join factory_telemetry.users acknowledger on acknowledger.id = x.acknowledged_by
 where x.status in ('active', 'acknowledged', 'escalated');

create or replace view public.v_andon_escalation_statistics as
select x.created_at::date as date,
       x.priority,
       count(*)                                        as total_escalations,
       count(*) filter (where x.status = 'resolved')   as resolved_escalations,
       count(*) filter (where x.status = 'escalated')  as escalated_escalations,
       count(*) filter (where x.status = 'active')     as active_escalations,
       avg(extract(epoch from x.acknowledged_at - x.created_at) / 60) as avg_acknowledgment_time_minutes,
       avg(extract(epoch from x.resolved_at - x.created_at) / 60)     as avg_resolution_time_minutes,
       max(x.escalation_level)                         as max_escalation_level_reached
  from factory_telemetry.andon_escalations x
 where x.created_at >= current_date - interval '30 days'
 group by x.created_at::date, x.priority;

-- Moves every overdue escalation one level up, tells the event, and writes it down. Returns how many.
-- Run by the clock; rows another run is busy with are left to it.
create or replace function factory_telemetry.auto_escalate_andon_events()
returns integer
language sql
set search_path = factory_telemetry, pg_temp
as $$
    with overdue as (
        select x.id, x.event_id, x.escalation_level + 1 as next_level, r.recipients
          from andon_escalations x
          left join andon_escalation_rules r
            on r.priority = x.priority and r.escalation_level = x.escalation_level + 1 and r.enabled
         where (x.status = 'active'
                and x.created_at < now() - make_interval(mins => x.acknowledgment_timeout_minutes))
            or (x.status = 'acknowledged'
                and x.created_at < now() - make_interval(mins => x.resolution_timeout_minutes))
           for update of x skip locked
    ), escalated as (
        update andon_escalations x
           set status                = 'escalated',
               escalated_at          = now(),
               escalation_level      = o.next_level,
               escalation_recipients = coalesce(o.recipients, x.escalation_recipients)
          from overdue o
         where x.id = o.id
    ), told as (
        update andon_events e
           set status            = 'escalated',
               escalation_level  = o.next_level,
               escalation_status = 'escalated'
          from overdue o
         where e.id = o.event_id and e.status <> 'resolved'
    ), written as (
        insert into andon_escalation_history (escalation_id, action, notes, escalation_level, recipients_notified)
        select o.id,
               'escalated',
               case when o.recipients is null then 'No level above: the last recipients keep it' else 'Nobody answered in time' end,
               o.next_level,
               coalesce(o.recipients, '{}')
          from overdue o
        returning 1
    )
    select count(*)::integer from written;
$$;

create or replace function factory_telemetry.get_escalation_recipients(recipient_roles text[])
returns table (role text, name text, email text, phone text, sms_enabled boolean, email_enabled boolean,
               websocket_enabled boolean, push_enabled boolean)
language sql stable
set search_path = factory_telemetry, pg_temp
as $$
    select r.role, r.name, r.email, r.phone, r.sms_enabled, r.email_enabled, r.websocket_enabled, r.push_enabled
      from andon_escalation_recipients r
     where r.role = any (recipient_roles) and r.enabled
     order by r.role;
$$;
