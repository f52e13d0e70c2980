"""What log-ins leave in the cache: sessions that were ended, and wrong passwords."""

from __future__ import annotations

from dataclasses import dataclass

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.requests import HTTPConnection

from environments.standin.app.settings import LOCK_SECONDS, REFRESH_LIFE_SECONDS, WRONG_PASSWORDS_ALLOWED, Settings

ENDED = "session:ended:"
FAILURES = "login:failures:"


@dataclass(frozen=True)
class Sessions:
    """Shared by all replicas, because it lives in the cache."""

    cache: redis.Redis

    @classmethod
    def of(cls, settings: Settings) -> Sessions:
        return cls(connect(settings))

    async def end(self, session: str) -> None:
        """From now on, no token of this session is good."""
        await self.cache.set(ENDED + session, 1, ex=REFRESH_LIFE_SECONDS)

    async def has_ended(self, session: str) -> bool:
        return bool(await self.cache.exists(ENDED + session))

    async def is_locked(self, username: str) -> bool:
        """Whether too many wrong passwords were given for this name, which need not exist."""
        return int(await self.cache.get(FAILURES + username) or 0) >= WRONG_PASSWORDS_ALLOWED

    async def count_failure(self, username: str) -> None:
        """One more wrong password; the lock ends so long after the last."""
        async with self.cache.pipeline() as pipeline:
            pipeline.incr(FAILURES + username)
            pipeline.expire(FAILURES + username, LOCK_SECONDS)
            await pipeline.execute()

    async def forgive(self, username: str) -> None:
        await self.cache.delete(FAILURES + username)


def connect(settings: Settings) -> redis.Redis:
    """The cache, not yet connected to."""
    return redis.Redis(
        port=settings.cache_port,
        username="default",
        password=settings.cache_password,
        decode_responses=True,
        socket_connect_timeout=1,
        socket_timeout=1,
        retry=Retry(NoBackoff(), 1),  # a connection may have gone stale; a server that is away is told of at once
        client_name=f"ms5-backend-{settings.replica}",
    )


def sessions(connection: HTTPConnection) -> Sessions:
    """The replica's view of the sessions, for routes."""
    found: Sessions = connection.app.state.sessions
    return found
