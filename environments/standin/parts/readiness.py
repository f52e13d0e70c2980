"""Waiting until a server answers: bounded, and given up at once when it has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from environments.standin.parts.process import Process

PAUSE_SECONDS = 0.02
Answer = TypeVar("Answer")


async def until_ready(
    process: Process, look: Callable[[], Awaitable[Answer]], error: type[Exception], patience_seconds: float = 15.0
) -> Answer:
    """Look again while `look` raises `error`; raise `PartFailed` when the process ended or time is up."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return await look()
        except error as not_yet:
            if not process.alive:
                raise process.failed("ended while starting") from not_yet
            if time.monotonic() > deadline:
                raise process.failed(f"did not answer within {patience_seconds:.0f} s ({not_yet})") from not_yet
        await asyncio.sleep(PAUSE_SECONDS)
