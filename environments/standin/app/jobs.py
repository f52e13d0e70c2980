"""Who is to do what, and how far it is (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Limit, Read, Values, offer
from environments.standin.app.vocabulary import Count, JobStatus, Text, Word, counts
from environments.standin.app.writes import Write, accept

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


class Job(BaseModel):
    """An order of the plan, given to somebody."""

    id: UUID
    schedule_id: UUID
    line_id: UUID
    line_code: str
    product_name: str
    user_id: UUID
    username: str
    status: JobStatus
    assigned_at: datetime
    accepted_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    notes: str | None


class Assignment(BaseModel):
    """Who is to do which order."""

    schedule_id: UUID
    user_id: UUID
    notes: Text | None = None


class Statistics(BaseModel):
    """All jobs by state; `overdue` are those not done at the end of their order."""

    total_jobs: Count
    jobs_by_status: dict[JobStatus, Count]
    overdue: Count
    last_updated: datetime


def shown(source: str) -> str:
    """Jobs as they are shown."""
    return f"""
select job.id, job.schedule_id, schedule.line_id, line.line_code, product.name as product_name, job.user_id,
       person.username, job.status, job.assigned_at, job.accepted_at, job.started_at, job.completed_at, job.cancelled_at,
       job.notes
  from {source} job
  join factory_telemetry.production_schedules schedule on schedule.id = job.schedule_id
  join factory_telemetry.production_lines line on line.id = schedule.line_id
  join factory_telemetry.product_types product on product.id = schedule.product_type_id
  join factory_telemetry.users person on person.id = job.user_id
"""


WANTED = """
 where (%(status)s::text is null or job.status = %(status)s) {more}
 order by schedule.scheduled_start, job.id
 limit %(limit)s
"""
JOBS = shown("factory_telemetry.job_assignments") + WANTED.format(more="")
MY_JOBS = shown("factory_telemetry.job_assignments") + WANTED.format(more="and job.user_id = %(asking)s")
STATISTICS = f"""
select count(*) as total_jobs,
       {counts("factory_telemetry.job_assignments", "status", JobStatus)} as jobs_by_status,
       count(*) filter (where job.status in ('assigned', 'accepted', 'in_progress') and schedule.scheduled_end < now()) as overdue,
       now() as last_updated
  from factory_telemetry.job_assignments job
  join factory_telemetry.production_schedules schedule on schedule.id = job.schedule_id
"""
BOTH_EXIST = """
select from factory_telemetry.production_schedules schedule, factory_telemetry.users person
 where schedule.id = %(schedule_id)s and person.id = %(user_id)s and person.is_active
"""
ASSIGN = f"""
with changed as (
    insert into factory_telemetry.job_assignments (schedule_id, user_id, notes)
    values (%(schedule_id)s, %(user_id)s, %(notes)s)
    returning *)
{shown("changed")}"""
MINE = "and user_id = %(asking)s"
MOMENTS: dict[JobStatus, str] = {
    "accepted": "accepted_at",
    "in_progress": "started_at",
    "completed": "completed_at",
    "cancelled": "cancelled_at",
}
# What a job becomes: from which states, whose, and which moment is written down.
STEP = """
with changed as (
    update factory_telemetry.job_assignments
       set status = '{to}', {moment} = now()
     where id::text = lower(%(job_id)s) and status = any ('{{{past}}}') {whose}
    returning *)
"""


def jobs_wanted(status: JobStatus | None = None, limit: Limit = 100) -> Values:
    """All jobs, or those in one state."""
    return {"status": status, "limit": limit}


def job(job_id: Word) -> Values:
    return {"job_id": job_id}


def step(path: str, permission: str, past: str, to: JobStatus, whose: str = "") -> Write:
    """A route that brings one job on."""
    return Write(
        "POST",
        f"/{{job_id}}/{path}",
        permission,
        Job,
        STEP.format(past=past, to=to, moment=MOMENTS[to], whose=whose) + shown("changed"),
        given=job,
        exists=f"select from factory_telemetry.job_assignments where id::text = lower(%(job_id)s) {whose}",
        missing="Job",
    )


offer(
    router,
    Read("/", "job:read", list[Job], JOBS, jobs_wanted),
    Read("/my-jobs", "job:read", list[Job], MY_JOBS, jobs_wanted),
    Read("/statistics", "job:read", Statistics, STATISTICS),
)

accept(
    router,
    Write("POST", "/", "job:assign", Job, ASSIGN, Assignment, exists=BOTH_EXIST, missing="Schedule or user", status=201),
    step("accept", "job:accept", "assigned", "accepted", MINE),
    step("start", "job:accept", "accepted", "in_progress", MINE),
    step("complete", "job:complete", "accepted,in_progress", "completed"),
    step("cancel", "job:assign", "assigned,accepted", "cancelled"),
)  # fmt: skip
