"""PostgreSQL: a copy of a prepared data folder, its passwords set, its people and its day written at start."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from environments.standin.accounts import ACCOUNTS, Account
from environments.standin.groups import CORE
from environments.standin.parts.database_template import template
from environments.standin.parts.postgres_server import server, socket_dsn
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.parts.uninterrupted import uninterrupted
from environments.standin.site import APPLICATION_ROLE, DATABASE_NAME, GATE_ROLE, MONITORING_ROLE, REPOSITORY, Site

DAY_OF_PRODUCTION = REPOSITORY / "sql" / "standin" / "day_of_production.sql"
WHO_IS_THERE = "select current_setting('data_directory'), current_setting('server_version')"
ADD_USER = """
insert into factory_telemetry.users (username, email, password_hash, role, first_name, last_name)
values (%(username)s, %(email)s, %(password_hash)s, %(role)s, %(first_name)s, %(last_name)s)
"""


@dataclass
class PostgreSQL:
    """The database server of one stand-in."""

    site: Site
    name: str = "postgres"
    needs: tuple[str, ...] = ("certificates",)
    group: str = CORE
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        certificates = self.site.ca_file.parent
        encryption = {
            "ssl": "on",
            "ssl_cert_file": str(certificates / "database.pem"),
            "ssl_key_file": str(certificates / "database.key"),
        }
        self.process = server(self.data, self.site.ports.database, self.site.log(self.name), **encryption)

    @property
    def data(self) -> Path:
        return self.site.folder / "postgres"

    async def start(self) -> str:
        first = not self.data.exists()
        if first:
            await uninterrupted(self.lay_out, await template(self.site))
        await self.process.spawn()
        version = await until_ready(self.process, self.identify, psycopg.OperationalError)
        if first:
            await uninterrupted(self.move_in)
        return f"PostgreSQL {version}"

    async def stop(self) -> None:
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    def lay_out(self, prepared: Path) -> None:
        """Copy the prepared data folder."""
        shutil.copytree(prepared, self.data, copy_function=shutil.copyfile)
        make_private(self.data)
        give(self.data)

    async def identify(self) -> str:
        """The server's version, when it is ours: another PostgreSQL may listen at that address."""
        return await asyncio.to_thread(self.version_of_ours)

    def version_of_ours(self) -> str:
        with self.connect() as connection:
            row = connection.execute(WHO_IS_THERE).fetchone()
        assert row is not None
        if Path(row[0]) != self.data:
            raise PartFailed(f"port {self.site.ports.database} belongs to another PostgreSQL, in {row[0]}")
        return str(row[1])

    def connect(self, database: str = DATABASE_NAME) -> psycopg.Connection[Any]:
        """A superuser's connection by the socket in the private folder."""
        return psycopg.connect(socket_dsn(self.data, self.site.ports.database, database), autocommit=True)

    def move_in(self) -> None:
        """Passwords, people and a day of production, which is relative to now."""
        with self.connect() as connection, connection.transaction():
            for role, password in self.passwords().items():
                command = sql.SQL("alter role {} login password {}")
                connection.execute(command.format(sql.Identifier(role), sql.Literal(password)))
            connection.cursor().executemany(ADD_USER, [as_user(account) for account in ACCOUNTS])
            connection.execute(DAY_OF_PRODUCTION.read_bytes())

    def passwords(self) -> dict[str, str]:
        known = self.site.secrets
        return {
            GATE_ROLE: known.gate_password,
            APPLICATION_ROLE: known.application_password,
            MONITORING_ROLE: known.monitoring_password,
        }


def as_user(account: Account) -> dict[str, str]:
    """A user's row; first and last name are in `first.last_name`."""
    first, last = account.username.split(".", 1)
    names = {"first_name": first.title(), "last_name": last.replace("_", " ").title(), "email": account.email}
    return vars(account) | names


def make_private(data: Path) -> None:
    """PostgreSQL refuses a data folder that others may enter."""
    for path in (data, *data.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)
