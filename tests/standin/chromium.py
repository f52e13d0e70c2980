"""A headless Chromium, driven over its own protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 20.0
ANSWER_SECONDS = 10.0


def program() -> str | None:
    """Where a Chromium is, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@dataclass
class Page:
    """One page. `said` is what it wrote to its console and what was refused to it."""

    line: ClientConnection
    numbers: Iterator[int] = field(default_factory=itertools.count)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; what else comes meanwhile is noted."""
        number = next(self.numbers)
        await self.line.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(ANSWER_SECONDS):
            while (message := json.loads(await self.line.recv())).get("id") != number:
                self.note(message)
        assert "error" not in message, message
        return message["result"]

    def note(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        if message["method"] == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif message["method"] == "Network.webSocketCreated":
            self.asked.append(told["url"])
        elif message["method"] in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            self.said.append(json.dumps(told))

    async def value(self, expression: str) -> Any:
        """What an expression is in the page."""
        answer = await self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str, seconds: float = ANSWER_SECONDS) -> None:
        """Wait until an expression is true in the page."""
        async with asyncio.timeout(seconds):
            while not await self.value(expression):  # noqa: ASYNC110 - the page tells nobody
                await asyncio.sleep(0.05)

    async def look(self, width: int, height: int, scheme: str) -> bytes:
        """A picture (PNG) at a size, in `light` or `dark`."""
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])


@asynccontextmanager
async def page(folder: Path, trusted_key: str) -> AsyncIterator[Page]:
    """A new page of a browser of its own, which trusts one server key (base64 of the SHA-256 of its public key)."""
    command = [
        str(program()), "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--no-proxy-server", "--remote-debugging-port=0", f"--user-data-dir={folder}",
        f"--ignore-certificate-errors-spki-list={trusted_key}", *(["--no-sandbox"] if os.geteuid() == 0 else []), "about:blank",
    ]  # fmt: skip
    browser = started(command, folder / "log")
    try:
        address = await debugging_address(folder, browser)
        async with connect(address, max_size=None, proxy=None) as line:
            opened = Page(line)
            for domain in ("Page", "Runtime", "Log", "Network"):
                await opened.do(f"{domain}.enable")
            yield opened
    finally:
        os.killpg(browser.pid, 9)
        browser.wait()


def started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """In a group of its own, for it has many children."""
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True)


async def debugging_address(folder: Path, browser: subprocess.Popen[bytes]) -> str:
    """The first page's own address, once the browser has written down its port."""
    written = folder / "DevToolsActivePort"
    async with asyncio.timeout(START_SECONDS):
        while not written.exists() or not written.read_text().strip():
            assert browser.poll() is None, (folder / "log").read_text(errors="replace")
            await asyncio.sleep(0.05)
    port = written.read_text().splitlines()[0]
    targets = await asyncio.to_thread(listed, f"http://127.0.0.1:{port}/json/list")
    return next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")


def listed(address: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
        return json.loads(answer.read())
