"""What one backup job is told."""

from __future__ import annotations

from dataclasses import dataclass

from environments.standin.backup.bucket import Bucket


@dataclass(frozen=True)
class Plan:
    """From where, to where, how long. Paths are texts: it travels as JSON."""

    dsn: str
    database: str
    files: list[str]
    configuration: list[str]
    folder: str
    key_file: str
    status_file: str
    kept_days: int
    address: str
    bucket: str
    region: str
    access_key: str
    secret_key: str

    @property
    def target(self) -> Bucket:
        """The bucket, entered as the job."""
        return Bucket(self.address, self.bucket, self.region, self.access_key, self.secret_key)
