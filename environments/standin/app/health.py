"""How the system is: asked when it is asked (contract section 2)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import psycopg
import redis.exceptions
from fastapi import APIRouter, Response

from environments.standin.app.csrf import GUARDED
from environments.standin.app.database import IDLE_KEPT
from environments.standin.app.errors import PROBLEMS, now
from environments.standin.app.guard import Asking, Data, LoggedIn, Told
from environments.standin.app.pace import PACED
from environments.standin.app.settings import SERVICE

router = APIRouter()
PATIENCE_SECONDS = 0.8
AWAY = (psycopg.Error, redis.exceptions.RedisError, OSError, TimeoutError)
DATABASE_FACTS = """
select pg_database_size(current_database()) as database_size,
       (select count(*) from pg_stat_activity where datname = current_database()) as active_connections,
       (select count(*) from pg_stat_activity
         where state = 'active' and now() - query_start > interval '30 seconds') as long_queries,
       (select extversion from pg_extension where extname = 'timescaledb') as timescale_version
"""
# What the database says of its largest table; nothing where there is no TimescaleDB, and no model of it.
TIMESCALE_SETTINGS = """
select hypertable.compression_enabled, job.config ->> 'drop_after' as retention_policy,
       extract(epoch from dimension.time_interval)::int / 3600 || ' h' as chunk_interval
  from timescaledb_information.hypertables hypertable
  join timescaledb_information.dimensions dimension using (hypertable_schema, hypertable_name)
  left join timescaledb_information.jobs job
    on job.hypertable_name = hypertable.hypertable_name and job.proc_name = 'policy_retention'
 where hypertable.hypertable_schema = 'factory_telemetry' and hypertable.hypertable_name = 'metric_hist'
"""
HAS_TIMESCALE = "select to_regclass('timescaledb_information.hypertables') is not null as known"
NO_TIMESCALE = {"compression_enabled": False, "retention_policy": None, "chunk_interval": None}


@router.get("/health")
async def health(told: Told) -> dict[str, str]:
    """Whether this replica answers; nothing behind it is asked."""
    return {"status": "healthy", "service": SERVICE, "version": told.release, "timestamp": now()}


@router.get("/health/detailed")
async def detailed(response: Response, told: Told, data: Data, sessions: LoggedIn) -> dict[str, Any]:
    """Each component, measured now and all at once; 503 when one is down."""
    database, cache = await asyncio.gather(measure(data.rows("select 1")), measure(sessions.cache.ping()))
    components = {"api": {"status": "healthy"}, "database": database, "redis": cache}
    well = all(component["status"] == "healthy" for component in components.values())
    response.status_code = 200 if well else 503
    status = "healthy" if well else "unhealthy"
    return {
        "status": status,
        "service": SERVICE,
        "version": told.release,
        "timestamp": now(),
        "components": components,
    }


@router.get("/api/v1/monitoring/health", tags=["monitoring"], responses=PROBLEMS, dependencies=[PACED, *GUARDED])
async def monitoring(user: Asking, told: Told, data: Data) -> dict[str, Any]:
    """What an operator wants to know of application and database."""
    facts = await data.row(DATABASE_FACTS) or {}
    version = facts.pop("timescale_version", None)
    return {
        "status": "healthy",
        "application": {"name": SERVICE, "version": told.release, "environment": told.environment},
        "database": {"status": "healthy", **facts, "pool_size": IDLE_KEPT, "max_overflow": 0},
        "timescaledb": {
            "status": "healthy" if version else "not_installed",
            "extension_installed": version is not None,
            "version": version,
        },
        "configuration": await timescale_settings(data),
    }


async def timescale_settings(data: Data) -> dict[str, Any]:
    """How the hypertables are kept, by the catalogue."""
    known = await data.row(HAS_TIMESCALE)
    found = await data.row(TIMESCALE_SETTINGS) if known and known["known"] else None
    return found or NO_TIMESCALE


async def measure(look: Awaitable[Any]) -> dict[str, Any]:
    """Healthy with its milliseconds, or unhealthy; the driver's words stay inside."""
    began = time.perf_counter()
    task = asyncio.ensure_future(look)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
    if not done:
        task.add_done_callback(lambda late: late.cancelled() or late.exception())
        task.cancel()  # not waited for: a driver's farewell to a hung server takes longer than our patience
        return {"status": "unhealthy", "message": "no answer in time"}
    if task.exception() is not None:
        if not isinstance(task.exception(), AWAY):
            task.result()
        return {"status": "unhealthy", "message": "not reachable"}
    return {"status": "healthy", "response_time_ms": round((time.perf_counter() - began) * 1000, 2)}
