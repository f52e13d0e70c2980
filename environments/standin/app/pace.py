"""How many requests one address may send (contract section 3: rate limit). Health is never counted."""

from __future__ import annotations

import time
from contextlib import suppress

import redis.exceptions
from fastapi import Depends, Request

from environments.standin.app.errors import Refused
from environments.standin.app.guard import LoggedIn, Told
from environments.standin.app.sessions import Sessions

COUNTED = "pace:"
WINDOW_SECONDS = 10
LONGEST_ADDRESS = 45  # an IPv6 address with an IPv4 tail


def address(request: Request) -> str:
    """Who asks: the front door says it, for to a replica all requests come from the front door."""
    told = request.headers.get("x-real-ip", "")
    return told[:LONGEST_ADDRESS] or (request.client.host if request.client else "unknown")


async def keep_pace(request: Request, sessions: LoggedIn, told: Told) -> None:
    """`Refused` (429) when this address asked too often in this window, on whatever replica."""
    now = time.time()
    if await counted(sessions, f"{COUNTED}{address(request)}:{now // WINDOW_SECONDS:.0f}") > told.requests_allowed:
        wait_seconds = int(WINDOW_SECONDS - now % WINDOW_SECONDS) + 1
        raise Refused(429, "Too many requests; try again later", {"Retry-After": str(wait_seconds)})


async def counted(sessions: Sessions, key: str) -> int:
    """One more request; none as long as the cache is away, for then nobody can be told apart."""
    with suppress(redis.exceptions.RedisError, OSError, TimeoutError):
        async with sessions.cache.pipeline() as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, WINDOW_SECONDS * 2)
            return int((await pipeline.execute())[0])
    return 0


PACED = Depends(keep_pace)
