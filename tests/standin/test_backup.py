"""Backups of the stand-in are real: they open, agree with what is written beside them, restore, and nobody else gets them."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from environments.standin import client
from environments.standin.backup.bucket import Bucket, BucketRefused
from environments.standin.backup.restore import newest, restore
from environments.standin.backup.seal import unseal
from environments.standin.backup.shelf import CONFIG, DATABASE, FILES, KINDS, Shelf, key_of
from environments.standin.client import StandIn
from environments.standin.faults import REGISTRY
from tests.standin.conftest import Server

GROUP_SECONDS = 30
KEPT_DAYS = 30
NAME = re.compile(r"(database|files|config)_backup_\d{8}_\d{6}\.(sql|tar)\.(gz|bz2|xz)\.enc")
METADATA = {"backup_id", "type", "timestamp", "size", "sha256", "compression", "encryption", "database", "tables"}
FAULTS = [fault.name for fault in REGISTRY if "backup" in fault.touches]


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with client.start(shape="production", groups=["backup"]) as standin:
        standin.wait_for("backup", GROUP_SECONDS)
        yield standin


@pytest.fixture
def shelf(standin: StandIn) -> Shelf:
    return Shelf(Path(standin.references["backup_folder"]))


@pytest.fixture
def key(standin: StandIn) -> str:
    return Path(standin.references["backup_key_file"]).read_text()


@pytest.fixture
def reader(standin: StandIn) -> Bucket:
    """The bucket as the gate sees it."""
    given = standin.references
    address = given["s3_url"].removeprefix("http://")
    return Bucket(address, given["s3_bucket"], given["s3_region"], given["s3_access_key"], given["s3_secret_key"])


@contextmanager
def broken(standin: StandIn, fault: str) -> Iterator[None]:
    standin.switch([fault])
    try:
        yield
    finally:
        standin.switch()


# ---- the folder ----------------------------------------------------------------------------------------------


def test_each_day_has_every_kind(shelf: Shelf) -> None:
    """There is one backup of each kind for each of the days that are kept, and no other."""
    today = shelf.newest(DATABASE).taken.date()
    days = {today - timedelta(days=ago) for ago in range(KEPT_DAYS)}

    assert {(one.type, one.taken.date()) for one in shelf.all()} == {(type, day) for type in KINDS for day in days}
    assert len(shelf.all()) == len(KINDS) * KEPT_DAYS


def test_the_newest_are_minutes_old(shelf: Shelf) -> None:
    """The newest backup of each kind is of this run."""
    for kind in KINDS.values():
        assert timedelta() <= datetime.now(UTC) - shelf.newest(kind).taken < timedelta(minutes=5)


def test_metadata_agree_with_what_is_stored(shelf: Shelf) -> None:
    """Every name is as the contract says, every size and checksum that of the stored file, no two files are the same."""
    digests = set()
    for one in shelf.all():
        stored = shelf.read(key_of(one))
        digests.add(hashlib.sha256(stored).hexdigest())

        assert NAME.fullmatch(one.file)
        assert vars(one).keys() >= METADATA
        assert (one.size, one.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    assert len(digests) == len(shelf.all())


def test_metadata_hold_no_credentials(standin: StandIn, shelf: Shelf, key: str) -> None:
    """No secret of the stand-in stands in any metadata."""
    secrets = {value for name, value in standin.references.items() if "password" in name or "secret" in name} | {key}
    texts = [shelf.read(name).decode() for name in shelf.keys() if name.endswith(".json")]  # noqa: SIM118 - no mapping

    assert len(texts) == len(shelf.all())
    assert not [secret for secret in secrets for text in texts if secret in text]


def test_every_backup_opens(shelf: Shelf, key: str) -> None:
    """Every backup, also of the days before, decrypts, decompresses, and is a whole dump or a tar with files."""
    for one in shelf.all():
        content = unseal(shelf.read(key_of(one)), one.compression, key)
        if one.kind.format == "sql":
            assert b"-- PostgreSQL database dump complete" in content
        else:
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                assert [entry for entry in tar.getmembers() if entry.isfile() and entry.size]


def test_openssl_opens_one(standin: StandIn, shelf: Shelf) -> None:
    """Whoever has the key and openssl opens a backup; this program is not needed."""
    one = shelf.newest(FILES)
    command = ["openssl", "enc", "-d", "-aes-256-cbc", "-pbkdf2", "-in", str(shelf.root / key_of(one))]
    opened = subprocess.run(
        [*command, "-pass", f"file:{standin.references['backup_key_file']}"],
        capture_output=True,
        timeout=10,
        check=True,
    )
    with tarfile.open(fileobj=io.BytesIO(opened.stdout), mode="r:gz") as tar:
        assert "frontend/index.html" in tar.getnames()


def test_configuration_is_backed_up(shelf: Shelf, key: str) -> None:
    """The configuration holds the front door's, and the roles without their passwords."""
    one = shelf.newest(CONFIG)
    with tarfile.open(fileobj=io.BytesIO(unseal(shelf.read(key_of(one)), one.compression, key))) as tar:
        roles = tar.extractfile("roles.sql")
        assert roles is not None

        assert {"nginx.conf", "upstream.inc"} <= set(tar.getnames())
        assert "CREATE ROLE ms5_application" in (text := roles.read().decode())
        assert "PASSWORD" not in text


def test_status_tells_of_success(standin: StandIn) -> None:
    """The file that the metrics are made of tells of a success, moments ago."""
    status = json.loads((standin.folder / "backup" / "status.json").read_text())

    assert status["status"] == 1
    assert 0 <= time.time() - status["last_success_timestamp"] < 300


# ---- the way back --------------------------------------------------------------------------------------------


@pytest.fixture
def scratch(server: Server) -> str:
    """An empty database on another server."""
    return make_conninfo(host=str(server.folder), user="postgres", dbname=server.new_database())


def test_the_newest_restores_into_an_empty_server(standin: StandIn, scratch: str) -> None:
    """The newest backup restores with every table and every row."""
    folder, key_file = (Path(standin.references[name]) for name in ("backup_folder", "backup_key_file"))

    rows = restore(folder, key_file, scratch)

    assert rows == newest(folder).rows
    assert len([table for table in rows if table.startswith("factory_telemetry.")]) == 49
    assert rows["factory_telemetry.metric_hist"] > 0
    with psycopg.connect(scratch) as connection:
        allowed = connection.execute(
            "select has_table_privilege('ms5_gate', 'factory_telemetry.users', 'select')"
        ).fetchone()
    assert allowed == (True,)


def test_lost_rows_show_when_restored(standin: StandIn, scratch: str) -> None:
    """The fault that loses rows opens and restores, and only the counts tell."""
    folder, key_file = (Path(standin.references[name]) for name in ("backup_folder", "backup_key_file"))
    with broken(standin, "backup-rows-missing"):
        rows = restore(folder, key_file, scratch)

    told = newest(folder).rows
    assert {table for table in told if told[table] != rows[table]} == {"factory_telemetry.metric_hist"}


# ---- the bucket ----------------------------------------------------------------------------------------------


def test_the_bucket_holds_the_same(shelf: Shelf, reader: Bucket) -> None:
    """The bucket holds every backup and its metadata under the same names, and the newest is the same to the byte."""
    name = key_of(shelf.newest(DATABASE))

    assert reader.sizes() == {key: len(shelf.read(key)) for key in shelf.keys()}  # noqa: SIM118 - no mapping
    assert reader.get(name) == shelf.read(name)


def test_the_bucket_keeps_versions_for_a_time(reader: Bucket) -> None:
    """An object that is written over can be had again; nothing is kept for ever."""
    assert b"<Status>Enabled</Status>" in reader.setting("versioning")
    assert f"<Days>{KEPT_DAYS}</Days>".encode() in reader.setting("lifecycle")


@pytest.mark.parametrize("who", ["reader", "stranger", "impostor"])
def test_who_may_not_is_refused(shelf: Shelf, reader: Bucket, who: str) -> None:
    """The gate only reads; strangers, and those with a wrong secret, do nothing at all."""
    name = key_of(shelf.newest(DATABASE))
    visitors = {
        "reader": reader,
        "stranger": replace(reader, access_key="", secret_key=""),
        "impostor": replace(reader, secret_key="guessed"),
    }
    visitor = visitors[who]
    acts: list[Callable[[], object]] = [lambda: visitor.put("database/theirs", b""), lambda: visitor.delete(name)]
    if who != "reader":
        acts += [visitor.sizes, lambda: visitor.get(name)]
    for act in acts:
        with pytest.raises(BucketRefused) as refused:
            act()
        assert refused.value.status == 403


# ---- faults --------------------------------------------------------------------------------------------------


def answers(ask: Callable[[], object]) -> object:
    """What is answered, or that nothing is."""
    try:
        return ask()
    except OSError as refusal:
        return type(refusal)


def picture(shelf: Shelf, reader: Bucket) -> list[object]:
    """Everything about the backups that somebody could see, and what a stranger may do. It changes nothing."""
    stranger = replace(reader, access_key="", secret_key="")
    folder = {key: shelf.read(key) for key in shelf.keys()}  # noqa: SIM118 - no mapping
    name, content = next(iter(folder.items()))
    return [
        folder,
        answers(reader.sizes),
        answers(stranger.sizes),
        answers(lambda: stranger.get(name)),
        answers(lambda: stranger.put(name, content)),
        answers(lambda: stranger.delete("config/nothing")),
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_shows_and_goes(standin: StandIn, shelf: Shelf, reader: Bucket, fault: str) -> None:
    """A fault of the backups can be seen in them, or in the bucket, and afterwards all is as before."""
    before = picture(shelf, reader)
    with broken(standin, fault):
        during = picture(shelf, reader)

    assert during != before
    assert picture(shelf, reader) == before


def test_stale_means_older_than_an_hour(standin: StandIn, shelf: Shelf) -> None:
    """The fault of an old backup leaves every day and kind, and none of the last hour."""
    with broken(standin, "backup-stale"):
        taken = [one.taken for one in shelf.all()]

    assert len(taken) == len(KINDS) * KEPT_DAYS
    assert datetime.now(UTC) - max(taken) > timedelta(hours=1)
