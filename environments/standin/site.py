"""One stand-in as data: where it lives, which ports and secrets are its own, what it claims to be."""

from __future__ import annotations

import secrets
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from pathlib import Path

from environments.standin.groups import GROUPS

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache" / "standin"
FOLDER_PREFIX = "ms5-standin-"

APP_HOST = "app.ms5.localhost"
API_HOST = "api.ms5.localhost"
MONITORING_HOST = "monitoring.ms5.localhost"
WWW_HOST = "www.ms5.localhost"
PUBLIC_HOSTS = (APP_HOST, API_HOST, MONITORING_HOST, WWW_HOST)
DATABASE_NAME = "factory_telemetry"
GATE_ROLE = "ms5_gate"
APPLICATION_ROLE = "ms5_application"
MONITORING_ROLE = "ms5_monitoring"
GRAFANA_USERNAME = "ms5-admin"
FLOWER_USERNAME = "flower"
S3_BUCKET = "ms5-backups"
S3_REGION = "us-east-1"
PRELOAD = {"staging": "", "production": "; preload"}  # of Strict-Transport-Security, contract section 7
API_PER_SECOND = {"staging": 10, "production": 20}  # requests of one address, contract section 7
LOGIN_PER_MINUTE = {"staging": 5, "production": 3}
BACKUPS_KEPT_DAYS = {"staging": 7, "production": 30}
SHAPES = ("staging", "production")


def grafana_token() -> str:
    """A new token of the form Grafana gives to service accounts."""
    return f"glsa_{secrets.token_hex(16)}_{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one stand-in."""

    database: int
    cache: int
    https: int
    http: int
    blue_1: int
    blue_2: int
    green_1: int
    flower: int
    s3: int
    s3_grpc: int
    s3_master: int
    s3_master_grpc: int
    s3_volume: int
    s3_volume_grpc: int
    s3_filer: int
    s3_filer_grpc: int
    prometheus: int
    alertmanager: int
    grafana: int
    node_exporter: int
    postgres_exporter: int
    redis_exporter: int
    exporter_standin: int
    mail: int
    sinks: int


@dataclass(frozen=True)
class Secrets:
    """What only this stand-in knows; new for each."""

    gate_password: str = field(default_factory=secrets.token_hex, repr=False)
    application_password: str = field(default_factory=secrets.token_hex, repr=False)
    cache_password: str = field(default_factory=secrets.token_hex, repr=False)
    jwt_secret: str = field(default_factory=secrets.token_hex, repr=False)
    flower_password: str = field(default_factory=secrets.token_hex, repr=False)
    s3_writer_key: str = field(default_factory=secrets.token_hex, repr=False)
    s3_writer_secret: str = field(default_factory=secrets.token_hex, repr=False)
    s3_reader_key: str = field(default_factory=secrets.token_hex, repr=False)
    s3_reader_secret: str = field(default_factory=secrets.token_hex, repr=False)
    backup_key: str = field(default_factory=secrets.token_hex, repr=False)
    monitoring_password: str = field(default_factory=secrets.token_hex, repr=False)
    grafana_password: str = field(default_factory=secrets.token_hex, repr=False)
    grafana_token: str = field(default_factory=grafana_token, repr=False)


@dataclass(frozen=True)
class Site:
    """One stand-in: `folder` is removed with it, `logs` stay; `shape` is the kind of installation it plays.

    `groups` are those started beside the core.
    """

    folder: Path
    logs: Path
    ports: Ports
    secrets: Secrets = field(default_factory=Secrets)
    shape: str = "staging"
    environment: str = "local"
    release: str = "5.0.0"
    groups: frozenset[str] = frozenset(GROUPS)

    @property
    def ca_file(self) -> Path:
        return self.folder / "certificates" / "ca.pem"

    @property
    def lies_file(self) -> Path:
        """What each replica is told to lie about."""
        return self.folder / "lies" / "told.json"

    @property
    def broker_url(self) -> str:
        """Where the workers' jobs and results go, with the password."""
        return f"redis://:{self.secrets.cache_password}@127.0.0.1:{self.ports.cache}/0"

    @property
    def backup_folder(self) -> Path:
        """The root of the backups."""
        return self.folder / "backup" / "kept"

    @property
    def backup_key_file(self) -> Path:
        """What opens the backups."""
        return self.folder / "backup" / "key"

    @property
    def backup_status_file(self) -> Path:
        """How the last backup went and when one last went well, for the application's metrics."""
        return self.folder / "backup" / "status.json"

    @property
    def backups_kept_days(self) -> int:
        """Today included."""
        return BACKUPS_KEPT_DAYS[self.shape]

    def log(self, part: str) -> Path:
        """The log file of one part."""
        return self.logs / f"{part}.log"


def new_folder() -> Path:
    """A new private folder with a short path: PostgreSQL allows a socket's path 107 characters."""
    return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))


def free_ports() -> Ports:
    """As many free loopback ports as a stand-in needs, all different. Another program may still be faster."""
    with ExitStack() as taken:
        listeners = [taken.enter_context(socket.socket()) for _ in fields(Ports)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return Ports(*(listener.getsockname()[1] for listener in listeners))


def placeholder() -> Site:
    """A stand-in that was never started: every value has the right shape and leads nowhere."""
    nowhere = Path("/nonexistent/ms5-standin")
    return Site(
        nowhere,
        nowhere / "logs",
        Ports(*range(1, len(fields(Ports)) + 1)),
        Secrets(*["placeholder"] * len(fields(Secrets))),
    )
