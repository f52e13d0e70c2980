"""The application: its routes, and what every request passes on its way to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from environments.standin.app import (
    andon,
    andon_board,
    auth,
    checklists,
    dashboard,
    downtime,
    equipment,
    escalations,
    health,
    jobs,
    metrics,
    oee,
    people,
    production,
    reports,
    schedules,
    security,
    uploads,
    websocket,
)
from environments.standin.app.csrf import GUARDED
from environments.standin.app.database import Database
from environments.standin.app.errors import handle_errors
from environments.standin.app.events import Events
from environments.standin.app.hosts import HostFilter
from environments.standin.app.intake import Intake
from environments.standin.app.liar import Liar, Told
from environments.standin.app.lies import LIES
from environments.standin.app.pace import PACED
from environments.standin.app.requests import Requests
from environments.standin.app.sessions import Sessions
from environments.standin.app.settings import SERVICE, Settings

# What is asked without being counted, and what every other route passes first.
FREE = (health, websocket, metrics)
NOUNS = (
    auth,
    production,
    schedules,
    jobs,
    checklists,
    oee,
    downtime,
    andon,
    andon_board,
    escalations,
    reports,
    dashboard,
    equipment,
    uploads,
    people,
    security,
)


def application(settings: Settings) -> ASGIApp:
    """One replica's application, outermost layer first: metrics and request ids, known hosts, lies, routes."""
    counted = metrics.Metrics()
    api = routes(settings, counted)
    liar = Liar(api, Told(Path(settings.lies_file), settings.replica, LIES))
    return Requests(HostFilter(liar, settings.hosts), counted)


def routes(settings: Settings, counted: metrics.Metrics) -> FastAPI:
    """The honest part."""
    api = FastAPI(title=SERVICE, version=settings.release, lifespan=connections, **documentation(settings))
    api.state.settings = settings
    api.state.metrics = counted
    handle_errors(api)
    api.add_middleware(Intake)
    for free in FREE:
        api.include_router(free.router)
    for noun in NOUNS:
        api.include_router(noun.router, dependencies=[PACED, *GUARDED])
    return api


def documentation(settings: Settings) -> dict[str, Any]:
    """Where the documentation is served; nowhere in production."""
    if settings.documented:
        return {}
    return {"docs_url": None, "redoc_url": None, "openapi_url": None}


@asynccontextmanager
async def connections(api: FastAPI) -> AsyncIterator[None]:
    """The stores, as long as the replica serves. They are not connected to here: a replica starts without them."""
    settings: Settings = api.state.settings
    api.state.database = Database(settings)
    api.state.sessions = Sessions.of(settings)
    api.state.events = Events(api.state.sessions.cache, api.state.metrics.latencies)
    async with api.state.events.listening():
        yield
    await api.state.sessions.cache.aclose()
    await api.state.database.close()
