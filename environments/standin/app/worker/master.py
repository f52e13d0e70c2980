"""The workers' master: imports Celery and Flower once and forks worker, beat and Flower from it.

`python -m environments.standin.app.worker.master FD`, where FD is a socket to whoever orders them, as forking.py has it.
An order is `{"role": …, "log": …, "settings": …}` with the descriptor attached that the role is to say "up" on, and for
Flower the listening socket.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_process_init, worker_ready

from environments.standin.app.forking import obey
from environments.standin.app.worker.application import application
from environments.standin.app.worker.flower import be_flower
from environments.standin.app.worker.settings import Settings
from environments.standin.parts.process import die_with_parent

# What Celery imports on first use: imported here, it is imported once for all.
ON_FIRST_USE = (
    "celery.apps.beat", "celery.apps.worker", "celery.backends.redis", "celery.concurrency.prefork",
    "celery.worker.consumer", "kombu.transport.redis",
)  # fmt: skip
Up = Callable[[], None]


def be_a_worker(app: Celery, settings: Settings, up: Up, descriptors: Sequence[int]) -> None:
    """Work until killed. Greeting the neighbours costs a second, and there are none."""
    worker_ready.connect(lambda **_: up(), weak=False)
    worker_process_init.connect(lambda **_: die_with_parent(signal.SIGKILL), weak=False)
    app.Worker(
        hostname=settings.worker_name, concurrency=2, loglevel="INFO", without_gossip=True, without_mingle=True
    ).start()


def be_beat(app: Celery, settings: Settings, up: Up, descriptors: Sequence[int]) -> None:
    """Start what the clock asks for until killed."""
    beat_init.connect(lambda **_: up(), weak=False)
    app.Beat(schedule=settings.clock_file, loglevel="INFO", quiet=True).run()


ROLES = {"worker": be_a_worker, "beat": be_beat, "flower": be_flower}


def be(order: dict[str, Any], descriptors: Sequence[int]) -> None:
    """Play the role that was ordered."""
    settings = Settings(**order["settings"])
    app = application(settings)
    ROLES[order["role"]](app, settings, lambda: say_up(descriptors[0]), descriptors[1:])


def say_up(descriptor: int) -> None:
    os.write(descriptor, b"up")
    os.close(descriptor)


if __name__ == "__main__":
    os.nice(10)  # the front door goes first
    for module in ON_FIRST_USE:
        import_module(module)
    obey(int(sys.argv[1]), be)
