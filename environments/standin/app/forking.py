"""A process that imports once and forks on order: what it forks is up in milliseconds and shares its memory.

An order is one JSON object, with open descriptors attached; the answer is `{"pid": …}`. `order["log"]` is the file that
takes the child's output.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from environments.standin.parts.process import die_with_parent

ORDER_BYTES = 65536
MOST_DESCRIPTORS = 4
Child = Callable[[dict[str, Any], Sequence[int]], None]


def obey(descriptor: int, child: Child) -> None:
    """Fork on order until the line, a socket with this descriptor, is closed. A child runs `child` and ends with it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a child that ended is forgotten at once
    line = socket.socket(fileno=descriptor)
    gc.freeze()  # what is imported now is shared by all children
    line.send(json.dumps({"pid": os.getpid()}).encode())
    while True:
        order, descriptors, _, _ = socket.recv_fds(line, ORDER_BYTES, MOST_DESCRIPTORS)
        if not order:
            return
        pid = fork(json.loads(order), descriptors, line, child)
        for one in descriptors:
            os.close(one)  # or a port would still listen when the child is gone
        line.send(json.dumps({"pid": pid}).encode())


def fork(order: dict[str, Any], descriptors: Sequence[int], line: socket.socket, child: Child) -> int:
    """The new child's process id; the child itself never returns."""
    pid = os.fork()
    if pid:
        return pid
    try:
        line.close()
        stand_alone(order["log"])
        child(order, descriptors)
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run here
        traceback.print_exc()
    finally:
        os._exit(0)


def stand_alone(log: str) -> None:
    """Be a process group of one's own that ends with its parent, with a log of one's own."""
    os.setpgid(0, 0)
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
