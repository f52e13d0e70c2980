"""The backup job: once when the core is up, then again and again, each time as a process of its own at low priority."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from environments.standin.backup.plan import Plan
from environments.standin.backup.shelf import Shelf
from environments.standin.parts.object_store import HOST
from environments.standin.parts.postgres_server import socket_dsn
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.site import DATABASE_NAME, REPOSITORY, S3_BUCKET, S3_REGION, Site

EVERY_SECONDS = 20 * 60.0  # the recovery point is an hour
PATIENCE_SECONDS = 60.0


@dataclass
class Backup:
    """The backups of one stand-in."""

    site: Site
    name: str = "backup"
    needs: tuple[str, ...] = ("postgres", "nginx", "object-store")
    group: str = "backup"
    process: Process = field(init=False)
    again: asyncio.Task[None] | None = None
    held: int = 0  # by how many faults that a new backup would heal

    def __post_init__(self) -> None:
        command = ["nice", "-n", "10", sys.executable, "-m", "environments.standin.backup.job", str(self.plan_file)]
        self.process = Process("backup job", command, self.site.log(self.name), REPOSITORY, signal.SIGKILL)

    @property
    def folder(self) -> Path:
        return self.site.backup_folder.parent

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.site.backup_folder)

    @property
    def plan_file(self) -> Path:
        return self.folder / "plan.json"

    async def start(self) -> str:
        self.prepare()
        await self.run()
        self.again = asyncio.create_task(self.repeat())
        return f"backups of {self.site.backups_kept_days} days"

    async def stop(self) -> None:
        if self.again is not None:
            self.again.cancel()
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    def prepare(self) -> None:
        """Plan and key, for the job alone."""
        self.folder.mkdir(exist_ok=True)
        self.tell(self.plan_file, json.dumps(asdict(self.plan())))
        self.tell(self.site.backup_key_file, self.site.secrets.backup_key)
        give(self.folder)

    def tell(self, path: Path, text: str) -> None:
        """Write what only the job may read."""
        path.touch(mode=0o600)
        path.write_text(text)

    def plan(self) -> Plan:
        """From this stand-in, into its own folder and bucket."""
        site = self.site
        return Plan(
            dsn=socket_dsn(site.folder / "postgres", site.ports.database, DATABASE_NAME),
            database=DATABASE_NAME,
            files=[str(site.folder / "frontend")],
            configuration=[str(path) for name in ("*.conf", "*.inc") for path in (site.folder / "nginx").glob(name)],
            folder=str(site.backup_folder),
            key_file=str(site.backup_key_file),
            status_file=str(site.backup_status_file),
            kept_days=site.backups_kept_days,
            address=f"{HOST}:{site.ports.s3}",
            bucket=S3_BUCKET,
            region=S3_REGION,
            access_key=site.secrets.s3_writer_key,
            secret_key=site.secrets.s3_writer_secret,
        )

    async def run(self) -> None:
        """One run of the job; `PartFailed` when it did not succeed."""
        await self.process.spawn()
        assert self.process.running is not None
        try:
            status = await asyncio.wait_for(self.process.running.wait(), PATIENCE_SECONDS)
        except TimeoutError as late:
            raise self.process.failed(f"took more than {PATIENCE_SECONDS:.0f} s") from late
        if status:
            raise self.process.failed(f"ended with status {status}")

    async def repeat(self) -> None:
        """Run it for as long as the stand-in is up. A failure stands in the status, as it would at a plant."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            if self.held:
                continue
            with suppress(PartFailed):
                await self.run()
