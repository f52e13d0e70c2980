"""The process that owns every server of one stand-in: `python -m environments.standin.supervisor SHAPE GROUP,…`.

Its standard input is a lifeline: when it ends, however its holder ended, everything is torn down and the run's folder
removed. Progress goes to standard output as JSON lines: `{"say": …}`, then `{"ready": FOLDER}` or `{"failed": …}`.
Afterwards it obeys the control socket in the folder. A server that ends by itself is not started again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from environments.standin.folders import Folder, sweep
from environments.standin.parts.backend import Master
from environments.standin.parts.process import PartFailed
from environments.standin.references import references
from environments.standin.site import Site, free_ports

if TYPE_CHECKING:
    from environments.standin.stack import Stack

ATTEMPTS = 3  # another program may take a port between our finding it free and our using it
PORT_TAKEN = ("in use", "was taken", "belongs to another")


def tell(**message: Any) -> None:
    """One line to whoever started this; nobody may listen any more."""
    with suppress(OSError):
        print(json.dumps(message), flush=True)


def say(text: str) -> None:
    tell(say=text)


def main(shape: str, groups: frozenset[str]) -> None:
    """One stand-in in a folder of its own, which outlives the event loop: its threads may still write there."""
    sweep()
    with Folder() as folder:
        asyncio.run(supervise(folder, shape, groups))


async def supervise(folder: Folder, shape: str, groups: frozenset[str]) -> None:
    """Start, serve until told or left alone, tear down."""
    ended = asyncio.Event()
    watch_for_the_end(ended)
    stack = await start_unless(ended, folder, shape, groups)
    if stack is not None:
        await serve(stack, ended)


def watch_for_the_end(ended: asyncio.Event) -> None:
    """Set `ended` when the lifeline is cut or somebody asks kindly."""
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(signal_number, ended.set)

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            loop.remove_reader(sys.stdin)
            ended.set()

    loop.add_reader(sys.stdin, read)


async def start_unless(ended: asyncio.Event, folder: Folder, shape: str, groups: frozenset[str]) -> Stack | None:
    """A stack that is up; None when it failed, or when nobody waits for it any more."""
    starting = asyncio.create_task(start(folder, shape, groups))
    leaving = asyncio.create_task(ended.wait())
    await asyncio.wait({starting, leaving}, return_when=asyncio.FIRST_COMPLETED)
    starting.cancel()  # no more than a word if it is done; else it stops what it had started
    leaving.cancel()
    try:
        return await starting
    except asyncio.CancelledError:
        return None
    except PartFailed as failure:
        tell(failed=str(failure))
        return None


async def serve(stack: Stack, ended: asyncio.Event) -> None:
    """Obey orders until the end, then stop everything."""
    try:
        from environments.standin.control import Control

        write_references(stack.site)
        async with Control(stack, ended):
            tell(ready=str(stack.site.folder))
            await ended.wait()
    finally:
        await stack.stop()


async def start(folder: Folder, shape: str, groups: frozenset[str]) -> Stack:
    """Start a stack; with other ports again where one was taken."""
    for attempt in range(1, ATTEMPTS + 1):
        folder.empty()
        stack = await build(Site(folder.path, folder.logs, free_ports(), shape=shape, groups=groups))
        try:
            await stack.start()
        except BaseException as failure:
            await stack.stop()
            if attempt == ATTEMPTS or not is_port_taken(failure):
                raise
            say(f"a port was taken by another program; trying other ports ({attempt})")
        else:
            return stack
    raise AssertionError("the last attempt returns or raises")


async def build(site: Site) -> Stack:
    """The parts of a site. The backend's imports take longest, so they are under way before ours."""
    master = Master(site)
    await master.spawn()
    from environments.standin.stack import Stack

    return Stack(site, master, say)


def is_port_taken(failure: BaseException) -> bool:
    return isinstance(failure, PartFailed) and any(sign in str(failure) for sign in PORT_TAKEN)


def write_references(site: Site) -> None:
    path = site.folder / "references.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(references(site), indent=2))


if __name__ == "__main__":
    main(sys.argv[1], frozenset(filter(None, sys.argv[2].split(","))))
