"""The migrations and how they are applied: once each, recorded, refused when edited."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from environments.standin import migrate

NAMES = [path.name for path in sorted(migrate.FOLDER.glob("*.sql"))]
HISTORY = (
    "select migration_file, checksum, environment, applied_by from public.migration_history order by migration_file"
)
ROW_COUNTS = """
select c.oid::regclass::text, (xpath('//n/text()', query_to_xml(format('select count(*) n from %s', c.oid::regclass), false, true, '')))[1]::text
  from pg_class c
 where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'factory_telemetry'::regnamespace)
 order by 1
"""


def rows(connection: psycopg.Connection[Any], query: str) -> Sequence[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may edit."""
    return Path(shutil.copytree(migrate.FOLDER, tmp_path / "migrations"))


def test_there_are_nine_from_001_to_009():
    """The folder holds nine migrations in an order without a gap."""
    assert [name[:3] for name in NAMES] == [f"00{number}" for number in range(1, 10)]
    assert (NAMES[0], NAMES[-1]) == ("001_init_telemetry.sql", "009_database_optimization.sql")


def test_each_is_recorded_with_the_checksum_of_its_file(own_migrated):
    """The history names every file with its SHA-256, the environment and who applied it."""
    expected = [
        (name, hashlib.sha256((migrate.FOLDER / name).read_bytes()).hexdigest(), "local", "stand-in") for name in NAMES
    ]

    assert rows(own_migrated, HISTORY) == expected


def test_applying_again_changes_nothing(server, own_migrated):
    """A second run applies nothing and leaves schema, rows and history as they were."""
    before = server.schema_of(own_migrated.info.dbname), rows(own_migrated, ROW_COUNTS), rows(own_migrated, HISTORY)

    assert migrate.apply(own_migrated) == []
    assert (
        server.schema_of(own_migrated.info.dbname),
        rows(own_migrated, ROW_COUNTS),
        rows(own_migrated, HISTORY),
    ) == before


@pytest.mark.parametrize("database", ["own_migrated", "own_day"])
def test_each_file_may_run_again(server, request, database):
    """The files themselves change nothing when they run on a database that has them, quiet or in use."""
    connection = request.getfixturevalue(database)
    before = server.schema_of(connection.info.dbname), rows(connection, ROW_COUNTS)
    for name in NAMES:
        connection.execute((migrate.FOLDER / name).read_bytes())

    assert (server.schema_of(connection.info.dbname), rows(connection, ROW_COUNTS)) == before


def test_an_edited_file_is_refused_and_nothing_is_applied(own_migrated, folder):
    """An edit of an applied file is refused in one sentence, before anything new is applied."""
    with (folder / NAMES[2]).open("a") as file:
        file.write("-- edited\n")
    (folder / "010_new.sql").write_text("create table public.new ();\n")

    with pytest.raises(migrate.MigrationRefused, match=f"^{NAMES[2]}: edited after it was applied"):
        migrate.apply(own_migrated, folder)
    assert len(rows(own_migrated, HISTORY)) == 9
    assert rows(own_migrated, "select to_regclass('public.new')") == [(None,)]


def test_a_new_file_is_applied_alone(own_migrated, folder):
    """What comes later is applied without touching what is recorded."""
    (folder / "010_new.sql").write_text("create table public.new ();\n")

    assert migrate.apply(own_migrated, folder, "staging", "release") == ["010_new.sql"]
    assert rows(own_migrated, HISTORY)[-1][2:] == ("staging", "release")


def test_a_file_that_fails_leaves_no_trace(own_migrated, folder):
    """A failing file is undone whole, and not recorded."""
    (folder / "010_new.sql").write_text("create table public.new (); select 1 / 0;\n")

    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.apply(own_migrated, folder)
    assert len(rows(own_migrated, HISTORY)) == 9
    assert rows(own_migrated, "select to_regclass('public.new')") == [(None,)]


def test_two_at_once_apply_each_file_once(server):
    """Two that migrate the same database at the same time share the work and both succeed."""
    name = server.new_database()

    def apply() -> list[str]:
        with server.connect(name, "ms5_owner") as connection:
            return migrate.apply(connection)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(apply), pool.submit(apply)
        applied = [*first.result(timeout=30), *second.result(timeout=30)]

    assert sorted(applied) == NAMES


def test_an_empty_folder_is_an_error(empty, tmp_path):
    """A folder without migrations is a mistake, not a finished job."""
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        migrate.apply(empty, tmp_path)


def test_the_command_line_tells_what_it_did(server, folder, capsys):
    """Exit status 0 with the files or "nothing", 1 with one sentence."""
    dsn = f"host={server.folder} user=ms5_owner dbname={server.new_database()}"

    assert migrate.main(["--dsn", dsn, "--folder", str(folder)]) == 0
    assert capsys.readouterr().out == f"applied: {', '.join(NAMES)}\n"
    assert migrate.main(["--dsn", dsn, "--folder", str(folder)]) == 0
    assert capsys.readouterr().out == "nothing to apply\n"

    (folder / NAMES[0]).write_text("-- edited\n")

    assert migrate.main(["--dsn", dsn, "--folder", str(folder)]) == 1
    assert capsys.readouterr().err.startswith(f"migrate: {NAMES[0]}: edited")
