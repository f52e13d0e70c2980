"""What auditors ask: who did what, how long things are kept, whose data they are. For administrators only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Read, offer, page
from environments.standin.app.vocabulary import Count
from environments.standin.app.writes import Write, accept

router = APIRouter(prefix="/security", tags=["security"])
AUDITOR = "security:audit"


class Act(BaseModel):
    """Somebody did something; nobody did what the clock did."""

    happened_at: datetime
    username: str | None
    action: str
    subject: str
    subject_id: UUID


class Retention(BaseModel):
    """How long the rows of a table are kept, and how the last run of that policy went."""

    table_name: str
    kept: str
    last_run_status: str | None
    last_run_at: datetime | None


class PersonalData(BaseModel):
    """How many people are known, and where data of theirs are."""

    people: Count
    inactive_people: Count
    tables_with_personal_data: list[str]
    reports_past_retention: Count
    last_updated: datetime


class Processed(BaseModel):
    """What was done to data whose time is over."""

    reports_deleted: Count
    processed_at: datetime


AUDIT_LOG = """
select act.happened_at, person.username, act.action, act.subject, act.subject_id
  from (select accessed_at as happened_at, user_id, 'report ' || action as action, 'report' as subject, report_id as subject_id
          from factory_telemetry.report_access_logs
        union all
        select performed_at, performed_by, 'escalation ' || action, 'escalation', escalation_id
          from factory_telemetry.andon_escalation_history
        union all
        select assigned_at, user_id, 'job assigned', 'job', id
          from factory_telemetry.job_assignments) act
  left join factory_telemetry.users person on person.id = act.user_id
 where act.happened_at <= now()
 order by act.happened_at desc
 limit %(limit)s
"""
RETENTION = """
select job.hypertable_name::text as table_name, job.config ->> 'drop_after' as kept, stats.last_run_status::text,
       stats.last_run_started_at as last_run_at
  from timescaledb_information.jobs job
  left join timescaledb_information.job_stats stats on stats.job_id = job.job_id
 where job.proc_name = 'policy_retention' and job.hypertable_schema = 'factory_telemetry'
 order by job.hypertable_name
 limit %(limit)s
"""
PERSONAL_DATA = """
select count(*) as people, count(*) filter (where not is_active) as inactive_people,
       (select coalesce(array_agg(distinct reference.conrelid::regclass::text order by reference.conrelid::regclass::text), '{}')
          from pg_catalog.pg_constraint reference
         where reference.confrelid = 'factory_telemetry.users'::regclass) as tables_with_personal_data,
       (select count(*) from factory_telemetry.production_reports
         where status <> 'deleted' and generated_at < now() - interval '90 days') as reports_past_retention,
       now() as last_updated
  from factory_telemetry.users
"""

offer(
    router,
    Read("/audit-log", AUDITOR, list[Act], AUDIT_LOG, page),
    Read("/retention-status", AUDITOR, list[Retention], RETENTION, page),
    Read("/gdpr-status", AUDITOR, PersonalData, PERSONAL_DATA),
)

accept(
    router,
    Write("POST", "/process-expired-data", "system:config", Processed,
          "select factory_telemetry.cleanup_old_reports(90) as reports_deleted, now() as processed_at"),
)  # fmt: skip
