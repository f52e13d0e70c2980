"""The backend's master: imports the application once and forks replicas from it, so that one is up in milliseconds.

`python -m environments.standin.app.master FD`, where FD is a socket to whoever orders replicas. An order is JSON
`{"settings": …, "log": …}` with the listening socket attached; the answer is `{"pid": …}`.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from typing import Any

import uvicorn

from environments.standin.app.main import application
from environments.standin.app.settings import Settings
from environments.standin.parts.process import die_with_parent


def main() -> None:
    """Fork on order until the line is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a replica that ended is forgotten at once
    line = socket.socket(fileno=int(sys.argv[1]))
    gc.freeze()  # what is imported now is shared by all replicas
    line.send(json.dumps({"pid": os.getpid()}).encode())
    while True:
        order, descriptors, _, _ = socket.recv_fds(line, 65536, 1)
        if not order:
            return
        pid = fork(json.loads(order), descriptors[0], line)
        os.close(descriptors[0])  # or the port would still listen when the replica is gone
        line.send(json.dumps({"pid": pid}).encode())


def fork(order: dict[str, Any], descriptor: int, line: socket.socket) -> int:
    """A new replica's process id; the replica itself never returns."""
    pid = os.fork()
    if pid:
        return pid
    try:
        line.close()
        be_a_replica(order, descriptor)
    finally:
        os._exit(0)


def be_a_replica(order: dict[str, Any], descriptor: int) -> None:
    """Serve until killed."""
    os.setpgid(0, 0)
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    serve(Settings(**order["settings"]), socket.socket(fileno=descriptor))


def serve(settings: Settings, listener: socket.socket) -> None:
    """One uvicorn with one event loop on a socket that already listens."""
    config = uvicorn.Config(
        application(settings),
        ws="websockets-sansio",
        access_log=False,  # the front door writes one, without queries
        log_level="info",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
