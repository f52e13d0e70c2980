"""PostgreSQL refuses to run as root, nginx gives up root by itself; so where this is root, servers run as nobody.

First choice is a user namespace in which root is mapped to nobody: files keep their owner and private folders stay
reachable. Where namespaces are denied (many containers) the servers run as the real nobody, who is given their folders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

NOBODY = 65534
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
SETPRIV = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@cache
def unprivileged() -> tuple[str, ...]:
    """What to put before a server's command so that it does not run as root; nothing where this is not root."""
    if os.geteuid() != 0:
        return ()
    return NAMESPACE if namespaces_work() else SETPRIV


def namespaces_work() -> bool:
    """Whether a user namespace can be made here."""
    if shutil.which(NAMESPACE[0]) is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10, check=False).returncode == 0


def give(folder: Path) -> None:
    """Let the servers write in `folder`, and pass through the private folder it lies in."""
    if unprivileged() != SETPRIV:
        return
    folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
