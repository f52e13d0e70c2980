"""The backup job, one run: `python -m environments.standin.backup.job PLAN.json`.

It dumps the database, packs files and configuration, stores each compressed and encrypted with its metadata, copies the
shelf to the bucket, removes what is too old, and writes how it went where the application's metrics find it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from environments.standin.backup.bucket import Bucket
from environments.standin.backup.history import write_history
from environments.standin.backup.plan import Plan
from environments.standin.backup.restore import ROLES_FILE, read_key
from environments.standin.backup.seal import seal
from environments.standin.backup.shelf import CONFIG, DATA_ONLY, DATABASE, FILES, SCHEMA_ONLY, Kind, Shelf, describe
from environments.standin.backup.source import Moment, archive, roles

UPLOADS_AT_ONCE = 4
Content = tuple[Kind, bytes, dict[str, int]]


def run(plan: Plan, now: datetime) -> None:
    """Everything, newest first."""
    shelf = Shelf(Path(plan.folder))
    is_first = not shelf.root.exists()
    back_up(plan, shelf, now)
    if is_first:
        write_history(shelf, now, plan.kept_days - 1, read_key(Path(plan.key_file)))
    forget(shelf, now, plan.kept_days)
    copy_to_bucket(shelf, plan.target)


def back_up(plan: Plan, shelf: Shelf, now: datetime) -> None:
    """One backup of each kind. Names tell seconds, so each has one of its own; none claims to be younger than it is."""
    passphrase = read_key(Path(plan.key_file))
    for age, (kind, content, rows) in enumerate(contents(plan)):
        stored = seal(content, kind.compression, passphrase)
        database = plan.database if kind.folder == DATABASE.folder else None
        shelf.keep(describe(kind, now - timedelta(seconds=age), stored, database, rows), stored)


def contents(plan: Plan) -> Iterator[Content]:
    """What is to be stored, with the rows of each table where it holds any."""
    with Moment(plan.dsn) as moment:
        rows = moment.rows()
        yield DATABASE, moment.dump(), rows
        yield SCHEMA_ONLY, moment.dump("--schema-only"), dict.fromkeys(rows, 0)
        yield DATA_ONLY, moment.dump("--data-only"), rows
    yield FILES, archive([Path(path) for path in plan.files], {}), {}
    yield CONFIG, archive([Path(path) for path in plan.configuration], {ROLES_FILE: roles(plan.dsn)}), {}


def forget(shelf: Shelf, now: datetime, kept_days: int) -> None:
    """Remove what is older than the days to keep, today included."""
    first = now.date() - timedelta(days=kept_days - 1)
    for metadata in shelf.all():
        if metadata.taken.date() < first:
            shelf.remove(metadata)


def copy_to_bucket(shelf: Shelf, bucket: Bucket) -> None:
    """Make the bucket hold what the shelf holds, and no more."""
    here, there = set(shelf.keys()), set(bucket.sizes())
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        list(pool.map(lambda key: bucket.put(key, shelf.read(key)), sorted(here - there)))
        list(pool.map(bucket.delete, sorted(there - here)))


def write_status(path: Path, *, succeeded: bool) -> None:
    """`status` 1 or 0 as in `ms5_backup_status`, `last_success_timestamp` in seconds as in the metric of that name."""
    before = json.loads(path.read_bytes()) if path.exists() else {"last_success_timestamp": 0.0}
    success = time.time() if succeeded else before["last_success_timestamp"]
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({"status": int(succeeded), "last_success_timestamp": success}))
    unfinished.rename(path)


def main(plan_file: str) -> None:
    """One run as the plan file tells; it raises what went wrong, after telling so in the status file."""
    plan = Plan(**json.loads(Path(plan_file).read_bytes()))
    succeeded = False
    try:
        run(plan, datetime.now(UTC))
        succeeded = True
    finally:
        write_status(Path(plan.status_file), succeeded=succeeded)


if __name__ == "__main__":
    main(sys.argv[1])
