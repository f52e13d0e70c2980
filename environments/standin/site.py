"""One stand-in as data: where it lives, which ports and secrets are its own, what it claims to be."""

from __future__ import annotations

import secrets
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache" / "standin"
FOLDER_PREFIX = "ms5-standin-"

APP_HOST = "app.ms5.localhost"
API_HOST = "api.ms5.localhost"
DATABASE_NAME = "factory_telemetry"
GATE_ROLE = "ms5_gate"
APPLICATION_ROLE = "ms5_application"
SHAPES = ("staging", "production")


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


@dataclass(frozen=True)
class Secrets:
    """What only this stand-in knows; new for each."""

    gate_password: str = field(default_factory=secrets.token_hex, repr=False)
    application_password: str = field(default_factory=secrets.token_hex, repr=False)
    cache_password: str = field(default_factory=secrets.token_hex, repr=False)
    jwt_secret: str = field(default_factory=secrets.token_hex, repr=False)


@dataclass(frozen=True)
class Site:
    """One stand-in: `folder` is removed with it, `logs` stay; `shape` is the kind of installation it plays."""

    folder: Path
    logs: Path
    ports: Ports
    secrets: Secrets = field(default_factory=Secrets)
    shape: str = "staging"
    environment: str = "local"
    release: str = "5.0.0"

    @property
    def ca_file(self) -> Path:
        return self.folder / "certificates" / "ca.pem"

    @property
    def lies_file(self) -> Path:
        """What each replica is told to lie about."""
        return self.folder / "lies" / "told.json"

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
    return Site(nowhere, nowhere / "logs", Ports(*range(1, len(fields(Ports)) + 1)), Secrets(*["placeholder"] * 4))
