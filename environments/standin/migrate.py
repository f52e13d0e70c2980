"""Applies the migrations of a folder to a database, once each, and records them.

The record is `public.migration_history` (contract section 5): the file's name, its SHA-256, when, where and by
whom. `python -m environments.standin.migrate --dsn DSN [--folder FOLDER] [--environment NAME]`.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

FOLDER = Path(__file__).parents[2] / "sql" / "migrations"

HISTORY = """
create table if not exists public.migration_history (
    migration_file text primary key,
    applied_at     timestamptz not null default now(),
    checksum       text not null,
    environment    text not null,
    applied_by     text not null
)
"""
LOCK = "select pg_advisory_xact_lock(hashtext('public.migration_history'))"
RECORD = (
    "insert into public.migration_history (migration_file, checksum, environment, applied_by) values (%s, %s, %s, %s)"
)


class MigrationRefused(Exception):
    """A migration was edited after it had been applied; nothing was changed."""


@dataclass(frozen=True)
class Migration:
    """One file as it was read: `checksum` is the SHA-256 of `content`, in hexadecimal."""

    name: str
    content: bytes

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def apply(
    connection: psycopg.Connection[Any], folder: Path = FOLDER, environment: str = "local", applied_by: str = "stand-in"
) -> list[str]:
    """Apply what is new in `folder`, in the order of the names, each file in one transaction with its record.

    Returns the names of the files applied now. Raises `MigrationRefused` before anything is done when a recorded
    file was edited, and psycopg's own error for SQL that fails: that file leaves no trace then, those before it stay.
    The connection must not be inside a transaction.
    """
    migrations = read(folder)
    with connection.transaction():
        connection.execute(LOCK)  # two at once would both make the table
        connection.execute(HISTORY)
        refuse_edited(migrations, recorded(connection))
    return [one.name for one in migrations if apply_one(connection, one, environment, applied_by)]


def apply_one(connection: psycopg.Connection[Any], migration: Migration, environment: str, applied_by: str) -> bool:
    """Apply one file unless it is recorded; whether it was applied."""
    with connection.transaction():
        connection.execute(LOCK)  # and another may have applied it since the last look
        if migration.name in recorded(connection):
            return False
        connection.execute(migration.content)
        connection.execute(RECORD, (migration.name, migration.checksum, environment, applied_by))
    return True


def read(folder: Path) -> list[Migration]:
    """The migrations of a folder in their order; an empty folder is a `FileNotFoundError`."""
    files = sorted(folder.glob("[0-9]*.sql"))
    if not files:
        raise FileNotFoundError(f"no migration in {folder}")
    return [Migration(file.name, file.read_bytes()) for file in files]


def recorded(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Checksum by file name, as `public.migration_history` holds them."""
    return dict(connection.execute("select migration_file, checksum from public.migration_history").fetchall())


def refuse_edited(migrations: list[Migration], checksums: Mapping[str, str]) -> None:
    """Raise `MigrationRefused` if a recorded file is no longer what was applied."""
    edited = [one.name for one in migrations if checksums.get(one.name, one.checksum) != one.checksum]
    if edited:
        raise MigrationRefused(f"{', '.join(edited)}: edited after it was applied; put the change into a new migration")


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0, or 1 with one sentence on what was refused or failed."""
    parser = argparse.ArgumentParser(prog="python -m environments.standin.migrate", description=__doc__)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--environment", default="local")
    options = parser.parse_args(arguments)
    try:
        with psycopg.connect(options.dsn, autocommit=True) as connection:
            applied = apply(connection, options.folder, options.environment, getpass.getuser())
    except (MigrationRefused, FileNotFoundError, psycopg.Error) as error:
        print(f"migrate: {error}", file=sys.stderr)
        return 1
    print(f"applied: {', '.join(applied)}" if applied else "nothing to apply")
    return 0


if __name__ == "__main__":
    sys.exit(main())
