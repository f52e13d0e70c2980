"""The backup job: how it fails, what it forgets, and who can read what it wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from environments.standin import client
from environments.standin.backup import job
from environments.standin.backup.plan import Plan
from environments.standin.backup.seal import decrypt, encrypt
from environments.standin.backup.shelf import DATABASE, Shelf, describe

GROUP_SECONDS = 30


def test_a_job_that_fails_says_so(tmp_path: Path) -> None:
    """A job without a database leaves the time of the last success, and tells that it failed."""
    nothing = dict.fromkeys(Plan.__dataclass_fields__, "")
    status = tmp_path / "status.json"
    status.write_text('{"status": 1, "last_success_timestamp": 17.0}')
    plan = tmp_path / "plan.json"
    told = {"dsn": "host=/nowhere", "folder": str(tmp_path), "key_file": str(status), "status_file": str(status)}
    plan.write_text(json.dumps(nothing | told))

    with pytest.raises(psycopg.OperationalError):
        job.main(str(plan))

    assert json.loads(status.read_text()) == {"status": 0, "last_success_timestamp": 17.0}


def test_old_backups_are_forgotten(tmp_path: Path) -> None:
    """What is older than the days to keep is removed with its metadata, and nothing else is."""
    shelf, now = Shelf(tmp_path), datetime(2030, 5, 10, 12, tzinfo=UTC)
    for ago in range(10):
        shelf.keep(describe(DATABASE, now - timedelta(days=ago), b"%d" % ago, "plant", {}), b"%d" % ago)

    job.forget(shelf, now, kept_days=7)

    assert [one.taken.day for one in shelf.all()] == [4, 5, 6, 7, 8, 9, 10]
    assert len(list(shelf.keys())) == 14


def test_only_the_key_opens() -> None:
    """Nothing is read with another key, nor what was never encrypted."""
    stored = encrypt(b"the plant", "key")

    assert decrypt(stored, "key") == b"the plant"
    assert encrypt(b"the plant", "key") != stored
    for content, key in ((b"the plant", "key"), (stored[:-1], "key")):
        with pytest.raises(ValueError, match=r"encrypted|block|padding"):
            decrypt(content, key)


def test_the_object_store_leaves_nothing_outside_its_folder() -> None:
    """SeaweedFS puts sockets into /tmp: those of a stand-in go with it."""
    standin = client.start(groups=["backup"])
    with standin:
        standin.wait_for("backup", GROUP_SECONDS)
        ports = re.findall(r"-\w+\.port\.grpc=(\d+)", command_of("weed", standin.folder))
        there = [path for path in Path("/tmp").glob("seaweedfs-*") if any(port in path.name for port in ports)]

    assert len(ports) == len(there) == 4
    assert not [path for path in there if path.exists()]
    assert not standin.folder.exists()


def command_of(program: str, folder: Path) -> str:
    """The command line of the process of a stand-in."""
    (found,) = (line for line in command_lines() if f"/{program} " in line and str(folder) in line)
    return found


def command_lines() -> Iterator[str]:
    """Of everything that runs now; some end while we look."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
