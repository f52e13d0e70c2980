"""The backend's master: imports the application once and forks replicas from it.

`python -m environments.standin.app.master FD`, where FD is a socket to whoever orders replicas, as forking.py has it. An
order is `{"settings": …, "log": …}` with the listening socket attached.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

from environments.standin.app.forking import obey
from environments.standin.app.main import application
from environments.standin.app.settings import Settings


def be_a_replica(order: dict[str, Any], descriptors: Sequence[int]) -> None:
    """Serve until killed."""
    serve(Settings(**order["settings"]), socket.socket(fileno=descriptors[0]))


def serve(settings: Settings, listener: socket.socket) -> None:
    """One uvicorn with one event loop on a socket that already listens."""
    config = uvicorn.Config(
        application(settings),
        ws="websockets-sansio",
        access_log=False,  # the front door writes one, without queries
        log_level="warning",  # at "info", handshakes are told with their query, which holds a token
        server_header=False,
        timeout_keep_alive=75,  # longer than the front door keeps idle connections (60 s), or it meets closed ones
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    obey(int(sys.argv[1]), be_a_replica)
