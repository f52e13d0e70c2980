"""Stands in for the exporters of nginx, MinIO, Celery and cAdvisor: their metric names, the values found on this machine.

`python -m environments.standin.monitoring.exporter FOLDER SOCKET`; `settings.json` in the folder says where to look.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from environments.standin.app.worker.schedule import QUEUES
from environments.standin.monitoring.exposition import Sample, text
from environments.standin.monitoring.processes import PROC, Container, containers
from environments.standin.monitoring.redis_words import ask
from environments.standin.monitoring.web import METRICS, Answer, Request, Route, serve

Settings = dict[str, Any]
Exporter = Callable[[], Iterator[Sample]]
CHUNK_BYTES = 1 << 16
ESTABLISHED = "01"


def answers(address: str | int) -> bool:
    """Whether somebody listens at a Unix socket or a loopback port."""
    family, at = (socket.AF_UNIX, address) if isinstance(address, str) else (socket.AF_INET, ("127.0.0.1", address))
    with socket.socket(family) as line:
        line.settimeout(0.5)
        return line.connect_ex(at) == 0


class Nginx:
    """As nginx-prometheus-exporter tells it; requests are the lines of the access log."""

    def __init__(self, settings: Settings) -> None:
        self.question, self.log = settings["nginx_question"], Path(settings["access_log"])
        self.port, self.requests, self.position = f":{settings['https_port']:04X}", 0, 0

    def __call__(self) -> Iterator[Sample]:
        self.read_on()
        yield Sample("nginx_up", int(answers(self.question)))
        yield Sample("nginx_connections_active", self.connections())
        yield Sample("nginx_http_requests_total", self.requests)

    def connections(self) -> int:
        """Open connections to the front door."""
        lines = (line.split() for line in (PROC / "net" / "tcp").read_text("ascii").splitlines())
        return sum(words[3] == ESTABLISHED and words[1].endswith(self.port) for words in lines)

    def read_on(self) -> None:
        """Count the lines that were added."""
        with suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(self.position)
            while chunk := log.read(CHUNK_BYTES):
                self.requests += chunk.count(b"\n")
            self.position = log.tell()


def minio(settings: Settings) -> Exporter:
    """As MinIO tells it of a cluster of one node."""

    def samples() -> Iterator[Sample]:
        online, disk = answers(settings["s3_port"]), shutil.disk_usage(settings["folder"])
        yield Sample("minio_cluster_nodes_online_total", int(online))
        yield Sample("minio_cluster_nodes_offline_total", int(not online))
        yield Sample("minio_cluster_capacity_usable_total_bytes", disk.total)
        yield Sample("minio_cluster_capacity_usable_free_bytes", disk.free)

    return samples


def celery(settings: Settings) -> Exporter:
    """As celery-exporter tells it; a worker is seen by the connection on which it waits for jobs."""
    cache = settings["cache"]["port"], settings["cache"]["password"]

    def samples() -> Iterator[Sample]:
        clients = str(ask(*cache, "CLIENT", "LIST", "TYPE", "normal")).splitlines()
        yield Sample("celery_active_worker_count", sum(" flags=b " in one and " cmd=brpop " in one for one in clients))
        for queue in QUEUES:
            yield Sample("celery_queue_length", float(str(ask(*cache, "LLEN", queue))), {"queue_name": queue})

    return samples


def cadvisor(settings: Settings) -> Exporter:
    """As cAdvisor tells it of containers: here servers with everything below them."""
    supervisor = os.getppid()
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    families: dict[str, Callable[[Container], float]] = {
        "container_memory_usage_bytes": lambda seen: seen.memory_bytes,
        "container_cpu_usage_seconds_total": lambda seen: seen.cpu_seconds,
        "container_start_time_seconds": lambda seen: booted + seen.started_seconds,
        "container_last_seen": lambda _: time.time(),
    }

    def samples() -> Iterator[Sample]:
        seen = list(containers(supervisor))
        for name, value in families.items():
            yield from (Sample(name, value(one), {"name": one.name}) for one in seen)

    return samples


def told_by(exporter: Exporter) -> Callable[[Request], Answer]:
    """A route's handler; what cannot be looked at is an error, as Prometheus expects."""

    def handle(request: Request) -> Answer:
        try:
            return Answer(text(exporter()), kind=METRICS)
        except OSError as error:
            return Answer(f"{error}\n", 503, kind=METRICS)

    return handle


def main(folder: Path, listener: socket.socket) -> None:
    settings = json.loads((folder / "settings.json").read_text("utf-8"))
    exporters: dict[str, Exporter] = {
        "/nginx/metrics": Nginx(settings),
        "/minio/v2/metrics/cluster": minio(settings),
        "/celery/metrics": celery(settings),
        "/cadvisor/metrics": cadvisor(settings),
    }
    routes = [Route("GET", path, told_by(exporter)) for path, exporter in exporters.items()]
    serve(listener, (Route("GET", "/api/health", lambda _: Answer({"status": "ok"})), *routes))


if __name__ == "__main__":
    main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
