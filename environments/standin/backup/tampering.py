"""What can be wrong with backups, as data: for each name, what then stands under which key (nothing: it is gone)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from environments.standin.backup import seal
from environments.standin.backup.shelf import (
    DATABASE,
    FILES,
    KINDS,
    SCHEMA_ONLY,
    Kind,
    Metadata,
    Shelf,
    describe,
    key_of,
    metadata_key,
)

Contents = dict[str, bytes | None]
Change = Callable[[Shelf, str], Contents]  # the shelf as it is, the passphrase → what is otherwise

STALE = timedelta(minutes=90)
ROWS_OF_METRICS = re.compile(rb"(COPY factory_telemetry\.metric_hist .*?;\n).*?(\\\.\n)", re.DOTALL)
DUMP_OF_NOTHING = b"--\n-- PostgreSQL database dump\n--\n\n--\n-- PostgreSQL database dump complete\n--\n"
CREDENTIALS = b'{\n  "source": "postgresql://ms5_backup:Kiln-Lathe-77@database:5432/factory_telemetry",'


def stored_as(one: Metadata, stored: bytes) -> Contents:
    """Another content for a backup, with metadata that agree with it: the job did not notice."""
    told = describe(one.kind, one.taken, stored, one.database, one.rows)
    return {key_of(one): stored, metadata_key(one): told.text()}


def moved(shelf: Shelf, one: Metadata, taken: datetime) -> Contents:
    """A backup under the names of another moment."""
    stored = shelf.read(key_of(one))
    other = describe(one.kind, taken, stored, one.database, one.rows)
    return without([one]) | {key_of(other): stored, metadata_key(other): other.text()}


def without(some: Iterable[Metadata]) -> Contents:
    """None of these, nor their metadata."""
    return {key: None for one in some for key in (key_of(one), metadata_key(one))}


def stale(shelf: Shelf, passphrase: str) -> Contents:
    """All of the last hour and a half are that much older."""
    recent = [one for one in shelf.all() if datetime.now(UTC) - one.taken < STALE]
    changes: Contents = {}
    for one in recent:
        changes |= moved(shelf, one, one.taken - STALE)
    return changes


def day_missing(shelf: Shelf, passphrase: str) -> Contents:
    """All of the day three days before the newest are gone."""
    day = shelf.newest(DATABASE).taken.date() - timedelta(days=3)
    return without(one for one in shelf.all() if one.taken.date() == day)


def kind_missing(kind: Kind, shelf: Shelf, passphrase: str) -> Contents:
    """All of a kind are gone."""
    return without(one for one in shelf.all() if one.kind == kind)


def kept_too_long(shelf: Shelf, passphrase: str) -> Contents:
    """One is there that should have been removed weeks ago."""
    one = shelf.all()[0]
    return {key: content for key, content in moved(shelf, one, one.taken - timedelta(days=20)).items() if content}


def newest_missing(shelf: Shelf, passphrase: str) -> Contents:
    """The newest of each kind are gone."""
    return without(shelf.newest(kind) for kind in KINDS.values())


def truncated(shelf: Shelf, passphrase: str) -> Contents:
    """The last third of the newest dump was never written."""
    one = shelf.newest(DATABASE)
    stored = shelf.read(key_of(one))
    return stored_as(one, stored[: len(stored) * 2 // 3])


def altered(kind: Kind, change: Callable[[bytes], bytes], shelf: Shelf, passphrase: str) -> Contents:
    """The newest backup of a kind holds something else, well compressed and encrypted."""
    one = shelf.newest(kind)
    content = seal.unseal(shelf.read(key_of(one)), one.compression, passphrase)
    return stored_as(one, seal.seal(change(content), one.compression, passphrase))


def without_metrics(dump: bytes) -> bytes:
    """A dump with every table and no row in one of them."""
    return ROWS_OF_METRICS.sub(rb"\1\2", dump)


def other_key(shelf: Shelf, passphrase: str) -> Contents:
    """The newest dump opens with some other key."""
    one = shelf.newest(DATABASE)
    return stored_as(one, seal.encrypt(seal.decrypt(shelf.read(key_of(one)), passphrase), passphrase[::-1]))


def unencrypted(shelf: Shelf, passphrase: str) -> Contents:
    """The newest dump is compressed and no more."""
    one = shelf.newest(DATABASE)
    plain = seal.decrypt(shelf.read(key_of(one)), passphrase)
    told = describe(one.kind, one.taken, plain, one.database, one.rows)
    told = replace(told, file=told.file.removesuffix(".enc"), encryption="none")
    return {key_of(one): None, key_of(told): plain, metadata_key(told): told.text()}


def checksum_wrong(shelf: Shelf, passphrase: str) -> Contents:
    """The metadata of the newest dump give the checksum of something else."""
    one = shelf.newest(DATABASE)
    return {metadata_key(one): replace(one, sha256=one.sha256[::-1]).text()}


def metadata_edited(edit: Callable[[bytes], bytes], shelf: Shelf, passphrase: str) -> Contents:
    """The metadata of the newest dump read otherwise."""
    one = shelf.newest(DATABASE)
    return {metadata_key(one): edit(one.text())}


CHANGES: dict[str, Change] = {
    "stale": stale,
    "day-missing": day_missing,
    "schema-only-missing": partial(kind_missing, SCHEMA_ONLY),
    "kept-too-long": kept_too_long,
    "newest-missing": newest_missing,
    "truncated": truncated,
    "empty": partial(altered, DATABASE, lambda _: DUMP_OF_NOTHING),
    "rows-missing": partial(altered, DATABASE, without_metrics),
    "files-empty": partial(altered, FILES, lambda tar: bytes(len(tar))),
    "other-key": other_key,
    "unencrypted": unencrypted,
    "checksum-wrong": checksum_wrong,
    "metadata-password": partial(metadata_edited, lambda text: text.replace(b"{", CREDENTIALS, 1)),
    "metadata-broken": partial(metadata_edited, lambda text: text[:-20]),
}
