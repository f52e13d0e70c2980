"""The servers that come from Debian packages, as data: how each is run, and how ours is told from another's.

Words between @ signs are those of `configuration.words`.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from environments.standin.parts.monitoring.configuration import DECLARED, HERE

CORE_PARTS = ("postgres", "cache", "nginx", "blue-1", "blue-2", "green-1")
DATABASE = (
    "postgresql://@monitoring_role@:@monitoring_password@@127.0.0.1:@database_port@/@database_name@"
    "?sslmode=verify-full&sslrootcert=@ca_file@&application_name=postgres_exporter"
)


@dataclass(frozen=True)
class Program:
    """One server. `known` are options for versions that know them; `proof` is in the answer at `proof_path` of ours alone."""

    name: str
    package: str
    port: str
    options: tuple[str, ...]
    proof_path: str
    proof: str
    known: tuple[str, ...] = ()
    needs: tuple[str, ...] = CORE_PARTS
    environment: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Path] = field(default_factory=dict)
    built_in_folder: str = ""  # an absolute path the program insists on
    reloads: bool = False  # by POST /-/reload
    stop_signal: signal.Signals = signal.SIGTERM


PROMETHEUS = Program(
    "prometheus",
    "prometheus",
    "prometheus",
    (
        "--config.file=@folder@/prometheus/prometheus.yml",
        "--storage.tsdb.path=@folder@/prometheus/data",
        "--storage.tsdb.retention.time=@retention@",
        "--storage.tsdb.retention.size=10GB",
        "--web.listen-address=127.0.0.1:@prometheus_port@",
        "--web.enable-lifecycle",
        "--rules.alert.resend-delay=5s",  # after a reload it does not know Alertmanager for some seconds
        "--scrape.discovery-reload-interval=100ms",
        "--log.level=warn",
    ),
    proof_path="/api/v1/status/flags",
    proof='"@folder@/prometheus/data"',
    needs=(),
    environment={"GOGC": "50"},
    sources={"prometheus.yml": HERE / "prometheus.yml.in", "rules": DECLARED / "rules"},
    reloads=True,
    stop_signal=signal.SIGKILL,  # it would take its time over writing down what nobody reads again
)

ALERTMANAGER = Program(
    "alertmanager",
    "prometheus-alertmanager",
    "alertmanager",
    (
        "--config.file=@folder@/alertmanager/alertmanager.yml",
        "--storage.path=@folder@/alertmanager/data",
        "--web.listen-address=127.0.0.1:@alertmanager_port@",
        "--cluster.listen-address=",
        "--log.level=warn",
    ),
    proof_path="/api/v2/status",
    proof=":@sinks_port@/alerts/",
    needs=(*CORE_PARTS, "sinks"),
    sources={"alertmanager.yml": HERE / "alertmanager.yml.in"},
    built_in_folder="/usr/share/prometheus/alertmanager",
    reloads=True,
)

NODE_EXPORTER = Program(
    "node-exporter",
    "prometheus-node-exporter",
    "node_exporter",
    (
        "--web.listen-address=127.0.0.1:@node_exporter_port@",
        "--collector.disable-defaults",
        "--collector.cpu",
        "--collector.filesystem",
        "--collector.loadavg",
        "--collector.meminfo",
        "--collector.netdev",
        "--collector.time",
        "--collector.uname",
        "--log.level=warn",
    ),
    proof_path="/metrics",
    proof="node_uname_info",  # any other one on this machine would tell the same
)

POSTGRES_EXPORTER = Program(
    "postgres-exporter",
    "prometheus-postgres-exporter",
    "postgres_exporter",
    (
        "--web.listen-address=127.0.0.1:@postgres_exporter_port@",
        "--extend.query-path=@folder@/postgres-exporter/postgres_queries.yml",
        "--log.level=warn",
    ),
    known=("--no-collector.bgwriter", "--no-collector.stat_bgwriter"),  # both ask for what PostgreSQL 17 moved
    proof_path="/metrics",
    proof='server="127.0.0.1:@database_port@"',
    environment={"DATA_SOURCE_NAME": DATABASE},
    sources={"postgres_queries.yml": DECLARED / "postgres_queries.yml"},
)

REDIS_EXPORTER = Program(
    "redis-exporter",
    "prometheus-redis-exporter",
    "redis_exporter",
    ("-web.listen-address=127.0.0.1:@redis_exporter_port@",),
    proof_path="/metrics",
    proof='tcp_port="@cache_port@"',
    environment={"REDIS_ADDR": "redis://127.0.0.1:@cache_port@", "REDIS_PASSWORD": "@cache_password@"},
)

PROGRAMS = (PROMETHEUS, ALERTMANAGER, NODE_EXPORTER, POSTGRES_EXPORTER, REDIS_EXPORTER)
