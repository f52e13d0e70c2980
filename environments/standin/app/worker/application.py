"""Celery's application: one configuration, shared by worker, beat and Flower as a deployment shares its code."""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu import entity

from environments.standin.app.worker.lies import lied_about
from environments.standin.app.worker.schedule import QUEUES, SCHEDULE, Entry
from environments.standin.app.worker.settings import Settings
from environments.standin.app.worker.tasks import register

SOFT_LIMIT_SECONDS = 20
HARD_LIMIT_SECONDS = 30
RESULT_LIFE_SECONDS = 600


def application(settings: Settings) -> Celery:
    """The application, not yet connected."""
    made = Celery("ms5", broker=settings.broker, backend=settings.broker, set_as_current=False)
    made.conf.update(
        task_queues=[queue(name) for name in QUEUES],
        task_default_queue="default",
        task_create_missing_queues=False,
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_time_limit=HARD_LIMIT_SECONDS,
        task_track_started=True,
        task_send_sent_event=True,
        result_expires=RESULT_LIFE_SECONDS,
        worker_send_task_events=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        beat_schedule=dict(map(scheduled, lied_about(SCHEDULE, settings.lies))),
    )
    register(made, SCHEDULE, settings.database)
    return made


def queue(name: str) -> Any:
    """A queue with an exchange of its own: with the default one, every job would reach every queue."""
    return entity.Queue(name, entity.Exchange(name), routing_key=name)  # type: ignore[no-untyped-call]


def scheduled(entry: Entry) -> tuple[str, dict[str, Any]]:
    """An entry as beat reads it. A job nobody took before the next is due is dropped, or they would pile up."""
    options = {"queue": entry.queue, "expires": entry.every_seconds}
    return entry.name, {"task": entry.task, "schedule": entry.every_seconds, "options": options}
