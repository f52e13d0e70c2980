"""The folders of a run: a private one that is removed with it, and one for its logs of which the last few are kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from environments.standin.site import CACHE, FOLDER_PREFIX, new_folder

LOCK = "supervisor.lock"
LOGS = CACHE / "logs"
KEPT_LOGS = 8
NEWBORN_SECONDS = 60.0  # a folder is a moment old before its lock is held


class Folder:
    """The private folder of one run, held by a lock; gone when the context ends."""

    path: Path
    logs: Path
    lock: IO[str]

    def __enter__(self) -> Self:
        self.path = new_folder()
        self.lock = hold(self.path)
        self.logs = LOGS / self.path.name.removeprefix(FOLDER_PREFIX)
        self.logs.mkdir(parents=True, exist_ok=True)
        forget_old_logs()
        return self

    def empty(self) -> None:
        """Remove what an earlier attempt left."""
        for entry in set(self.path.iterdir()) - {self.path / LOCK}:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self.lock.close()


def hold(folder: Path) -> IO[str]:
    """Lock a folder for as long as this process lives; `BlockingIOError` when another holds it."""
    lock = (folder / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def sweep() -> None:
    """Remove folders of runs whose supervisor was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        if is_ours_and_old(folder) and not is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def is_ours_and_old(folder: Path) -> bool:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return False
    return status.st_uid == os.getuid() and time.time() - status.st_mtime > NEWBORN_SECONDS


def is_held(folder: Path) -> bool:
    try:
        hold(folder).close()
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def forget_old_logs() -> None:
    """Keep the logs of the last few runs, and of all that are not over."""
    over = [logs for logs in LOGS.iterdir() if not run_of(logs).exists()]
    for logs in sorted(over, key=lambda logs: logs.stat().st_mtime, reverse=True)[KEPT_LOGS:]:
        shutil.rmtree(logs, ignore_errors=True)


def run_of(logs: Path) -> Path:
    """The private folder that belongs to a folder of logs."""
    return Path(tempfile.gettempdir(), FOLDER_PREFIX + logs.name)
