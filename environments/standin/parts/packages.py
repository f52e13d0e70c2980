"""The Debian packages that the monitoring is made of, and whether this machine can have them. Imports nothing heavy."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from environments.standin.site import REPOSITORY

FOLDER = REPOSITORY / ".cache" / "debian"
TOOLS = ("apt-get", "dpkg-deb")
MONITORING = (
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-postgres-exporter",
    "prometheus-redis-exporter",
)


def absent(packages: Sequence[str]) -> str:
    """Why these packages cannot be had on this machine, or nothing; asks no network."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if not missing or all(unpacked(package) for package in packages):
        return ""
    return f"{', '.join(packages)} cannot be fetched: this machine has no {' and no '.join(missing)}"


def unpacked(package: str) -> Path | None:
    """The folder of a package that was fetched before; the newest, where there are several."""
    folders = sorted(FOLDER.glob(f"{package}_*"), key=lambda folder: folder.stat().st_mtime)
    return folders[-1] if folders else None
