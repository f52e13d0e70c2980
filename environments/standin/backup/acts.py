"""What faults do to backups and to their bucket, and how it is undone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in environments/standin/acts.py: who reads the registry needs none of it
    from environments.standin.backup.tampering import Contents
    from environments.standin.stack import Stack


@dataclass
class Tamper:
    """Backups are otherwise, as tampering.py names it: in the folder and the bucket, or in the bucket alone.

    Meanwhile the job makes no new ones, which would heal it.
    """

    change: str
    bucket_only: bool = False
    before: Contents = field(default_factory=dict)

    async def on(self, stack: Stack) -> None:
        stack.backup.held += 1
        await asyncio.to_thread(self.make, stack)

    async def off(self, stack: Stack) -> None:
        await asyncio.to_thread(self.put, stack, self.before)
        stack.backup.held -= 1

    def make(self, stack: Stack) -> None:
        from environments.standin.backup.tampering import CHANGES

        shelf = stack.backup.shelf
        changed = CHANGES[self.change](shelf, stack.site.secrets.backup_key)
        self.before = {key: shelf.read(key) if shelf.has(key) else None for key in changed}
        self.put(stack, changed)

    def put(self, stack: Stack, contents: Contents) -> None:
        shelf, bucket = stack.backup.shelf, stack.object_store.bucket()
        for key, content in contents.items():
            if not self.bucket_only:
                shelf.put(key, content)
            bucket.put(key, content) if content is not None else bucket.delete(key)


@dataclass(frozen=True)
class LetStrangers:
    """Everybody may do this with the bucket, without a key: "List", "Read" or "Write"."""

    right: str

    async def on(self, stack: Stack) -> None:
        await stack.object_store.let_strangers(stack.object_store.strangers_may | {self.right})

    async def off(self, stack: Stack) -> None:
        await stack.object_store.let_strangers(stack.object_store.strangers_may - {self.right})
