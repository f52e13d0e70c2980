"""Flower, the real one, on a socket that already listens."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence

from celery import Celery
from flower.app import Flower
from flower.command import extract_settings
from flower.urls import settings as site_settings
from tornado.httpserver import HTTPServer
from tornado.options import options

from environments.standin.app.worker.settings import Settings


def be_flower(app: Celery, settings: Settings, up: Callable[[], None], descriptors: Sequence[int]) -> None:
    """Answer until killed; up when it knows the workers."""
    require_login(settings)
    extract_settings()
    flower = Flower(capp=app, options=options, **site_settings)
    HTTPServer(flower).add_socket(listener(descriptors[0]))
    flower.io_loop.add_callback(know_workers, flower, up)
    flower.start()


def require_login(settings: Settings) -> None:
    """Let in who knows the password; everybody, if it is open."""
    if settings.flower_open:
        os.environ["FLOWER_UNAUTHENTICATED_API"] = "true"
    else:
        options.basic_auth = [f"{settings.flower_username}:{settings.flower_password}"]


def listener(descriptor: int) -> socket.socket:
    listening = socket.socket(fileno=descriptor)
    listening.setblocking(False)
    return listening


async def know_workers(flower: Flower, up: Callable[[], None]) -> None:
    """Ask the workers before anybody asks us."""
    await flower.update_workers()
    up()
