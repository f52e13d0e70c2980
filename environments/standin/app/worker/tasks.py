"""What the workers can do: one task for each job of the clock, and probes for whoever wants to see a worker work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from celery import Celery, Task

from environments.standin.app.worker.schedule import Entry


def register(application: Celery, entries: Iterable[Entry], database: str) -> None:
    """Make every entry's task and the probes known to the application. `database` is how to connect."""
    for entry in entries:
        application.task(job(entry.statement, database), name=entry.task, ignore_result=True)
    application.task(echo, name="ms5.probe.echo", bind=True)
    application.task(wait, name="ms5.probe.wait")


def job(statement: str, database: str) -> Callable[[], int]:
    """A task that sends one statement to the database."""

    def send() -> int:
        """How many rows came back."""
        with psycopg.connect(database, autocommit=True) as connection:
            return len(connection.execute(statement.encode()).fetchall())

    return send


def wait(seconds: float) -> None:
    """Keep one process of a worker busy."""
    time.sleep(seconds)


def echo(self: Task, word: str) -> dict[str, Any]:
    """What was said, which worker heard it, and through which queue."""
    return {"word": word, "worker": self.request.hostname, "queue": self.request.delivery_info["routing_key"]}
