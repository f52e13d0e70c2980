-- 006: reports: templates, who may use them, their generation, schedules, and who read what.

create table if not exists factory_telemetry.report_categories (
    id          uuid primary key default gen_random_uuid(),
    name        text not null unique,
    description text,
    color       text check (color ~ '^#[0-9A-Fa-f]{6}$'),
    icon        text,
    sort_order  integer not null default 0,
    is_active   boolean not null default true,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

create table if not exists factory_telemetry.report_templates (
    id            uuid primary key default gen_random_uuid(),
    name          text not null unique,
    description   text not null,
    template_type text not null check (template_type in ('production', 'oee', 'downtime', 'quality', 'maintenance', 'custom')),
    parameters    jsonb not null default '[]' check (jsonb_typeof(parameters) = 'array'),
    sections      jsonb not null default '[]' check (jsonb_typeof(sections) = 'array'),
    is_active     boolean not null default true,
    created_by    uuid references factory_telemetry.users (id),
    updated_by    uuid references factory_telemetry.users (id),
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);

create table if not exists factory_telemetry.report_template_categories (
    template_id uuid not null references factory_telemetry.report_templates (id) on delete cascade,
    category_id uuid not null references factory_telemetry.report_categories (id) on delete cascade,
    primary key (template_id, category_id)
);

create table if not exists factory_telemetry.report_permissions (
    id           uuid primary key default gen_random_uuid(),
    template_id  uuid not null references factory_telemetry.report_templates (id) on delete cascade,
    role         text not null
                 check (role in ('admin', 'production_manager', 'shift_manager', 'engineer',
                                 'operator', 'maintenance', 'quality', 'viewer')),
    can_generate boolean not null default false,
    can_view     boolean not null default false,
    can_edit     boolean not null default false,
    can_delete   boolean not null default false,
    can_schedule boolean not null default false,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    unique (template_id, role)
);

-- A larger priority is generated first.
create table if not exists factory_telemetry.report_generation_jobs (
    id                  uuid primary key default gen_random_uuid(),
    template_id         uuid references factory_telemetry.report_templates (id),
    report_type         text not null,
    parameters          jsonb not null default '{}',
    status              text not null default 'pending'
                        check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    priority            integer not null default 0,
    progress_percentage integer not null default 0 check (progress_percentage between 0 and 100),
    error_message       text,
    created_by          uuid references factory_telemetry.users (id),
    created_at          timestamptz not null default now(),
    started_at          timestamptz,
    completed_at        timestamptz
);
create index if not exists idx_report_generation_jobs_queue
    on factory_telemetry.report_generation_jobs (status, priority desc, created_at);

alter table factory_telemetry.production_reports
    add column if not exists template_id           uuid references factory_telemetry.report_templates (id),
    add column if not exists generation_job_id     uuid references factory_telemetry.report_generation_jobs (id),
    add column if not exists file_size             bigint check (file_size >= 0),
    add column if not exists file_hash             text,
    add column if not exists generation_parameters jsonb not null default '{}',
    add column if not exists status                text not null default 'completed'
                             check (status in ('generating', 'completed', 'failed', 'deleted')),
    add column if not exists download_count        integer not null default 0,
    add column if not exists last_downloaded_at    timestamptz;
create index if not exists idx_production_reports_generated_at on factory_telemetry.production_reports (generated_at desc);

create table if not exists factory_telemetry.report_access_logs (
    id              uuid primary key default gen_random_uuid(),
    report_id       uuid not null references factory_telemetry.production_reports (id) on delete cascade,
    user_id         uuid references factory_telemetry.users (id),
    action          text not null check (action in ('viewed', 'downloaded', 'shared', 'deleted')),
    accessed_at     timestamptz not null default now(),
    ip_address      inet,
    user_agent      text,
    additional_data jsonb not null default '{}'
);
create index if not exists idx_report_access_logs_report on factory_telemetry.report_access_logs (report_id, accessed_at desc);

create table if not exists factory_telemetry.report_favorites (
    id          uuid primary key default gen_random_uuid(),
    user_id     uuid not null references factory_telemetry.users (id) on delete cascade,
    template_id uuid not null references factory_telemetry.report_templates (id) on delete cascade,
    name        text not null,
    parameters  jsonb not null default '{}',
    created_at  timestamptz not null default now(),
    unique (user_id, template_id, name)
);

create table if not exists factory_telemetry.report_schedules (
    id            uuid primary key default gen_random_uuid(),
    name          text not null,
    description   text,
    template_id   uuid not null references factory_telemetry.report_templates (id),
    parameters    jsonb not null default '{}',
    schedule_cron text not null,
    is_active     boolean not null default true,
    next_run_at   timestamptz,
    last_run_at   timestamptz,
    created_by    uuid references factory_telemetry.users (id),
    updated_by    uuid references factory_telemetry.users (id),
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);
create index if not exists idx_report_schedules_next_run on factory_telemetry.report_schedules (next_run_at) where is_active;

create table if not exists factory_telemetry.report_schedule_runs (
    id                uuid primary key default gen_random_uuid(),
    schedule_id       uuid not null references factory_telemetry.report_schedules (id) on delete cascade,
    generation_job_id uuid references factory_telemetry.report_generation_jobs (id),
    report_id         uuid references factory_telemetry.production_reports (id) on delete set null,
    status            text not null default 'pending'
                      check (status in ('pending', 'running', 'completed', 'failed', 'skipped')),
    started_at        timestamptz,
    completed_at      timestamptz,
    error_message     text,
    created_at        timestamptz not null default now()
);
create index if not exists idx_report_schedule_runs_schedule on factory_telemetry.report_schedule_runs (schedule_id, created_at desc);

create table if not exists factory_telemetry.report_notifications (
    id                uuid primary key default gen_random_uuid(),
    report_id         uuid references factory_telemetry.production_reports (id) on delete cascade,
    user_id           uuid not null references factory_telemetry.users (id),
    notification_type text not null check (notification_type in ('generated', 'failed', 'scheduled', 'shared')),
    title             text not null,
    message           text not null,
    is_read           boolean not null default false,
    sent_at           timestamptz not null default now(),
    read_at           timestamptz
);
create index if not exists idx_report_notifications_user on factory_telemetry.report_notifications (user_id, sent_at desc);

insert into factory_telemetry.report_categories (name, description, color, icon, sort_order)
values ('Production',  'What was made',               '#2196F3', 'factory',      1),
       ('OEE',         'How well machines were used', '#4CAF50', 'trending_up',  2),
       ('Downtime',    'What stood still, and why',   '#F44336', 'warning',      3),
       ('Quality',     'What passed its checks',      '#FF9800', 'check_circle', 4),
       ('Maintenance', 'What was repaired',           '#9C27B0', 'build',        5)
on conflict (name) do nothing;

insert into factory_telemetry.report_templates (name, description, template_type, parameters, sections)
values ('Daily Production Report', 'One line, one day: quantity, OEE, downtime', 'production',
        '[{"name": "line_id", "type": "uuid", "required": true}, {"name": "report_date", "type": "date", "required": true}]',
        '["summary", "oee", "downtime", "production", "quality"]'),
       ('OEE Analysis Report', 'OEE of one line over a range of days', 'oee',
        '[{"name": "line_id", "type": "uuid", "required": true}, {"name": "start_date", "type": "date", "required": true}, {"name": "end_date", "type": "date", "required": true}]',
        '["overview", "trends", "losses"]'),
       ('Downtime Analysis Report', 'Stops of one line over a range of days', 'downtime',
        '[{"name": "line_id", "type": "uuid", "required": true}, {"name": "start_date", "type": "date", "required": true}, {"name": "end_date", "type": "date", "required": true}]',
        '["overview", "reasons", "equipment"]')
on conflict (name) do nothing;

insert into factory_telemetry.report_template_categories (template_id, category_id)
select t.id, c.id
  from factory_telemetry.report_templates t
  join factory_telemetry.report_categories c on lower(c.name) = t.template_type
on conflict do nothing;

insert into factory_telemetry.report_permissions (template_id, role, can_generate, can_view, can_edit, can_delete, can_schedule)
select t.id, p.role, p.can_generate, true, p.can_edit, p.can_delete, p.can_schedule
  from factory_telemetry.report_templates t
 cross join (values ('admin',              true,  true,  true,  true),
                    ('production_manager', true,  true,  false, true),
                    ('shift_manager',      true,  false, false, true),
                    ('engineer',           true,  false, false, false),
                    ('quality',            true,  false, false, false),
                    ('viewer',             false, false, false, false)
            ) as p (role, can_generate, can_edit, can_delete, can_schedule)
on conflict (template_id, role) do nothing;

create or replace view factory_telemetry.report_generation_status as
select j.id   as job_id,
       j.template_id,
       t.name as template_name,
       j.report_type,
       j.status,
       j.priority,
       j.progress_percentage,
       j.created_at,
       j.started_at,
       j.completed_at,
       j.error_message,
       u.username as created_by_username,
       case when j.status = 'completed' then r.id end as report_id
  from factory_telemetry.report_generation_jobs j
  left join factory_telemetry.report_templates t on t.id = j.template_id
  left join factory_telemetry.users u on u.id = j.created_by
  left join factory_telemetry.production_reports r on r.generation_job_id = j.id;

create or replace view factory_telemetry.report_statistics as
select count(*)                                                            as total_reports,
       count(*) filter (where generated_at >= now() - interval '1 day')    as reports_today,
       count(*) filter (where generated_at >= now() - interval '7 days')   as reports_this_week,
       count(*) filter (where generated_at >= now() - interval '30 days')  as reports_this_month,
       coalesce(sum(file_size), 0)                                         as total_storage_used,
       avg(file_size)                                                      as average_file_size,
       count(*) filter (where status = 'completed')                        as completed_reports,
       count(*) filter (where status = 'failed')                           as failed_reports,
       count(*) filter (where status = 'generating')                       as generating_reports
  from factory_telemetry.production_reports;

-- Marks reports older than this as deleted; their rows stay for the audit. Returns how many.
create or replace function factory_telemetry.cleanup_old_reports(days_to_keep integer default 90)
returns integer
language sql
set search_path = factory_telemetry, pg_temp
as $$
    with outdated as (
        update production_reports
           set status = 'deleted', pdf_path = null, file_size = 0
         where generated_at < now() - make_interval(days => days_to_keep) and status <> 'deleted'
        returning 1
    )
    select count(*)::integer from outdated;
$$;

create or replace function factory_telemetry.get_report_queue_status()
returns table (status text, job_count bigint, oldest_created_at timestamptz, average_wait_seconds double precision)
language sql stable
set search_path = factory_telemetry, pg_temp
as $$
    select j.status,
           count(*),
           min(j.created_at),
           avg(extract(epoch from coalesce(j.started_at, now()) - j.created_at))::double precision
      from report_generation_jobs j
     group by j.status
     order by j.status;
$$;

create or replace function factory_telemetry.update_report_download_count()
returns trigger
language plpgsql
set search_path = factory_telemetry, pg_temp
as $$
begin
    update production_reports
       set download_count = download_count + 1, last_downloaded_at = new.accessed_at
     where id = new.report_id;
    return new;
end
$$;

create or replace trigger trigger_update_report_download_count
    after insert on factory_telemetry.report_access_logs
    for each row
    when (new.action = 'downloaded')
    execute function factory_telemetry.update_report_download_count();
