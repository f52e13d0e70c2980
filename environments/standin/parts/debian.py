"""Programs of Debian packages, without installing them: fetched once into the cache, unpacked there, run from there.

No right beyond writing in the cache is needed. What was fetched is used for ever; who wants a newer one removes it.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from environments.standin.parts.packages import FOLDER, unpacked
from environments.standin.parts.process import PartFailed

FETCH_SECONDS = 120.0


async def program(package: str, name: str) -> Path:
    """A program of a package, fetched if need be. Raises `PartFailed`."""
    folder = unpacked(package)
    if folder is None:
        folder = await asyncio.to_thread(fetch, package)
    return folder / "usr" / "bin" / name


def fetch(package: str) -> Path:
    """Download and unpack; put in place by one rename, so two at once never meet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=FOLDER) as scratch:
        archive = download(package, Path(scratch))
        content = Path(scratch) / "content"
        run(["dpkg-deb", "-x", str(archive), str(content)])
        folder = FOLDER / archive.stem
        if not folder.exists():
            content.chmod(0o755)
            content.rename(folder)
    return folder


def download(package: str, scratch: Path) -> Path:
    """The package's archive, by the machine's lists of packages or, where they are missing or old, by new ones of ours."""
    try:
        run(["apt-get", "download", package], scratch)
    except PartFailed:
        own = own_lists(scratch)
        run(["apt-get", *own, "update"], scratch)
        run(["apt-get", *own, "download", package], scratch)
    (archive,) = scratch.glob("*.deb")
    return archive


def own_lists(scratch: Path) -> list[str]:
    """Options that let apt keep everything it writes in a folder of ours."""
    folders = {"Dir::State": scratch / "state", "Dir::State::Lists": scratch / "lists", "Dir::Cache": scratch / "cache"}
    for folder in folders.values():
        (folder / "partial").mkdir(parents=True)
    return [word for name, folder in folders.items() for word in ("-o", f"{name}={folder}")]


def run(command: list[str], folder: Path | None = None) -> None:
    try:
        subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=True)
    except subprocess.CalledProcessError as failure:
        raise PartFailed(f"{' '.join(command)} failed: {failure.stderr.strip()[-300:]}") from failure
    except (subprocess.TimeoutExpired, OSError) as failure:
        raise PartFailed(f"{' '.join(command)} failed: {failure}") from failure


@cache
def known(program: Path, options: tuple[str, ...]) -> list[str]:
    """Those of the options that this version knows; their names change between versions."""
    asked = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=10, check=False)
    described = asked.stdout + asked.stderr
    return [option for option in options if bare(option) in described]


def bare(option: str) -> str:
    """`collector.cpu` of `--no-collector.cpu` and of `--collector.cpu=…`."""
    return option.partition("=")[0].lstrip("-").removeprefix("no-")


def relocated(program: Path, folder: str) -> Path:
    """A copy of a program that looks for `folder`, an absolute path built into it, below its working directory.

    The relative path takes the place of the absolute one and is as long: `/usr/share/x` becomes `usr/share/x/`.
    """
    copy = program.with_name(program.name + "-relocated")
    if not copy.exists():
        absolute = folder.encode()
        with tempfile.NamedTemporaryFile(dir=program.parent, delete=False) as new:
            new.write(program.read_bytes().replace(absolute, absolute[1:] + b"/"))
        Path(new.name).chmod(0o755)
        Path(new.name).rename(copy)
    return copy
