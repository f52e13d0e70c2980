"""The days before: a stand-in is minutes old, a plant has backups of weeks.

Each day gets the newest backups again under that day's names: every one opens, restores and agrees with its metadata.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from environments.standin.backup import seal
from environments.standin.backup.shelf import KINDS, Kind, Metadata, Shelf, describe, key_of

NIGHTLY = time(2, 0)


def write_history(shelf: Shelf, now: datetime, days: int, passphrase: str) -> None:
    """Backups of every kind for each of the `days` before today."""
    newest = [shelf.newest(kind) for kind in KINDS.values()]
    opened = [(one, seal.decrypt(shelf.read(key_of(one)), passphrase)) for one in newest]
    for night in nights(now, days):
        for number, (one, compressed) in enumerate(opened):
            keep_again(shelf, one, compressed, night + timedelta(seconds=number), passphrase)


def keep_again(shelf: Shelf, one: Metadata, compressed: bytes, taken: datetime, passphrase: str) -> None:
    """One of the newest once more, as if `taken` then."""
    stored = seal.encrypt(compressed + seal.COMPRESS[one.compression](more(one.kind, taken)), passphrase)
    shelf.keep(describe(one.kind, taken, stored, one.database, one.rows), stored)


def more(kind: Kind, taken: datetime) -> bytes:
    """What may follow a content without changing what it means, so that sizes differ from day to day."""
    lines = range(1 + taken.toordinal() * 7 % 20)
    if kind.format == "tar":
        return bytes(512 * len(lines))
    return b"".join(
        b"-- %s\n" % hashlib.sha256(b"%d %d" % (taken.toordinal(), line)).hexdigest().encode() for line in lines
    )


def nights(now: datetime, days: int) -> Iterator[datetime]:
    """The hour of the nightly backup of each day before today."""
    for ago in range(1, days + 1):
        yield datetime.combine(now.date() - timedelta(days=ago), NIGHTLY, now.tzinfo)
