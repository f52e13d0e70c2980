"""Where backups lie and what is written beside each: names and metadata as in section 9 of the contract."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

STAMP = "%Y%m%d_%H%M%S"
ENCRYPTION = "aes-256-cbc-pbkdf2"


@dataclass(frozen=True)
class Kind:
    """One sort of backup: the folder it lies in, the format of its content, how it is compressed."""

    type: str
    folder: str
    format: str
    compression: str


DATABASE = Kind("database", "database", "sql", "gz")
SCHEMA_ONLY = Kind("database-schema-only", "database", "sql", "xz")
DATA_ONLY = Kind("database-data-only", "database", "sql", "bz2")
FILES = Kind("files", "files", "tar", "gz")
CONFIG = Kind("config", "config", "tar", "xz")
KINDS = {kind.type: kind for kind in (DATABASE, SCHEMA_ONLY, DATA_ONLY, FILES, CONFIG)}


@dataclass(frozen=True)
class Metadata:
    """What stands beside a backup; `size` in bytes and `sha256` are those of the stored file, `rows` counts by table."""

    backup_id: str
    type: str
    timestamp: str
    file: str
    size: int
    sha256: str
    compression: str
    encryption: str
    database: str | None
    tables: list[str]
    rows: dict[str, int]

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]

    @property
    def taken(self) -> datetime:
        """When, in UTC."""
        return datetime.fromisoformat(self.timestamp)

    def text(self) -> bytes:
        """As it is written."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"


def describe(kind: Kind, taken: datetime, stored: bytes, database: str | None, rows: Mapping[str, int]) -> Metadata:
    """The metadata of an encrypted backup."""
    stamp = taken.astimezone(UTC).strftime(STAMP)
    return Metadata(
        backup_id=f"{kind.type}_{stamp}",
        type=kind.type,
        timestamp=taken.astimezone(UTC).isoformat(timespec="seconds"),
        file=f"{kind.folder}_backup_{stamp}.{kind.format}.{kind.compression}.enc",
        size=len(stored),
        sha256=hashlib.sha256(stored).hexdigest(),
        compression=kind.compression,
        encryption=ENCRYPTION,
        database=database,
        tables=sorted(rows),
        rows=dict(rows),
    )


@dataclass(frozen=True)
class Shelf:
    """The root folder of the backups. A key, in the bucket too, is a path below it."""

    root: Path

    def keep(self, metadata: Metadata, stored: bytes) -> None:
        """Put a backup and its metadata where they belong; the metadata last, so that it never promises what is not there."""
        self.write(key_of(metadata), stored)
        self.write(metadata_key(metadata), metadata.text())

    def write(self, key: str, content: bytes) -> None:
        """Under another name first: a reader sees all of it or nothing."""
        path, unfinished = self.root / key, self.root / f"{key}.unfinished"
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.rename(path)

    def put(self, key: str, content: bytes | None) -> None:
        """Make this stand under a key; nothing removes it."""
        if content is None:
            (self.root / key).unlink(missing_ok=True)
        else:
            self.write(key, content)

    def has(self, key: str) -> bool:
        """Whether something lies under a key."""
        return (self.root / key).exists()

    def read(self, key: str) -> bytes:
        """What lies under a key; `OSError` when nothing does."""
        return (self.root / key).read_bytes()

    def remove(self, metadata: Metadata) -> None:
        """Remove a backup, its metadata first."""
        for key in (metadata_key(metadata), key_of(metadata)):
            self.put(key, None)

    def keys(self) -> Iterator[str]:
        """Everything that lies here."""
        yield from (str(path.relative_to(self.root)) for path in self.root.glob("*/*") if path.suffix != ".unfinished")

    def all(self) -> list[Metadata]:
        """Every backup with its metadata, oldest first."""
        found = [Metadata(**json.loads(path.read_bytes())) for path in self.root.glob("*/backup_metadata_*.json")]
        return sorted(found, key=lambda metadata: metadata.timestamp)

    def newest(self, kind: Kind) -> Metadata:
        """The newest backup of a kind; `LookupError` when there is none."""
        return [metadata for metadata in self.all() if metadata.kind == kind][-1]


def key_of(metadata: Metadata) -> str:
    """Where a backup lies."""
    return f"{metadata.kind.folder}/{metadata.file}"


def metadata_key(metadata: Metadata) -> str:
    """Where its metadata lie."""
    return f"{metadata.kind.folder}/backup_metadata_{metadata.taken.strftime(STAMP)}.json"
