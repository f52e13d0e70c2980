"""What a fault does to the monitoring, and how it is undone."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from environments.standin.acts import Act

if TYPE_CHECKING:  # the gate's process reads the registry of faults and needs no server's libraries for it
    from environments.standin.parts.monitoring.configuration import Edit
    from environments.standin.stack import Stack

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.1
QUESTION_SECONDS = 2.0


@dataclass(frozen=True)
class WatchEdit:
    """In a file of a part of the monitoring, `old` reads `new`; with no `new`, the file was forgotten."""

    part: str
    file: str
    old: str
    new: str | None

    async def on(self, stack: Stack) -> None:
        part = stack.watching(self.part)
        await part.edit([*part.configuration.edits, self.edit(stack)])

    async def off(self, stack: Stack) -> None:
        part, undone = stack.watching(self.part), self.edit(stack)
        await part.edit([edit for edit in part.configuration.edits if edit != undone])

    def edit(self, stack: Stack) -> Edit:
        """The words between @ signs are those of the configuration."""
        return stack.watching(self.part).configuration.edit(self.file, self.old, self.new)


@dataclass(frozen=True)
class Seen:
    """Another act, in force when Prometheus sees it: `shows` is a question that has an answer only then."""

    act: Act
    shows: str

    async def on(self, stack: Stack) -> None:
        await self.act.on(stack)
        await self.until(stack, shown=True)

    async def off(self, stack: Stack) -> None:
        await self.act.off(stack)
        await self.until(stack, shown=False)

    async def until(self, stack: Stack, *, shown: bool) -> None:
        """Wait until it is seen, or no longer; whoever asks later sees it anyway, so patience has an end."""
        question = f"http://127.0.0.1:{stack.site.ports.prometheus}/api/v1/query?query={quote(self.shows)}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = await asyncio.to_thread(ask, question)
            if bool(answer["data"]["result"]) == shown:
                return
            await asyncio.sleep(PAUSE_SECONDS)


@dataclass
class Silence:
    """Somebody silenced every alert, and went home."""

    silence: str = ""

    async def on(self, stack: Stack) -> None:
        begin = datetime.now(UTC)
        wanted = {
            "matchers": [{"name": "alertname", "value": ".+", "isRegex": True, "isEqual": True}],
            "startsAt": begin.isoformat(),
            "endsAt": (begin + timedelta(days=30)).isoformat(),
            "createdBy": "night shift",
            "comment": "too loud",
        }
        self.silence = (await asyncio.to_thread(ask, f"{self.url(stack)}/silences", wanted))["silenceID"]

    async def off(self, stack: Stack) -> None:
        await asyncio.to_thread(ask, f"{self.url(stack)}/silence/{self.silence}", method="DELETE")

    def url(self, stack: Stack) -> str:
        return f"http://127.0.0.1:{stack.site.ports.alertmanager}/api/v2"


def ask(url: str, body: Any = None, method: str | None = None) -> Any:
    """The answer of a JSON API; nothing where it is empty. Raises `OSError`."""
    content = None if body is None else json.dumps(body).encode()
    request = Request(url, content, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=QUESTION_SECONDS) as answer:
        return json.loads(answer.read() or b"null")
