"""Prometheus, started in two steps: the program at once, looking at targets when they are up.

It hands out targets only at every fifth second of its life. So it begins its life early; and it is told of the targets
late, for what it saw before they were up would be an outage in its memory.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from environments.standin.parts.monitoring.configuration import Edit
from environments.standin.parts.monitoring.watcher import Watcher
from environments.standin.parts.readiness import until_ready

FILE = "prometheus.yml"
ALERTMANAGER = "- static_configs: [{"  # indented less than a job's
SEEN_ONCE = quote("count_over_time(up[1m]) < 2")  # and there is no rate of one look
WORKING, LOOKED_AT = frozenset({"up"}), frozenset({"up", "down"})


@dataclass
class Prometheus(Watcher):
    """It looks at nothing before `watch`. Later it is up again when it has looked at all, up or down: a fault may be in force."""

    group: str = "prometheus"
    watching: bool = False

    async def start(self) -> str:
        if not self.watching:
            self.configuration.edits = [self.no_jobs()]
        await super().start()
        if self.watching:
            await until_ready(self.process, lambda: self.has_looked(LOOKED_AT), OSError)
        return "Prometheus"

    async def edit(self, edits: list[Edit]) -> None:
        """In force when its targets are those of the configuration: it takes its time over them."""
        await super().edit(edits)
        if self.process.alive:
            await until_ready(self.process, self.knows_its_jobs, OSError)

    async def watch(self) -> None:
        """Look at everything from now on; returns when everything was found to work, and every rule was judged."""
        self.watching = True
        await self.edit([edit for edit in self.configuration.edits if edit != self.no_jobs()])
        await until_ready(self.process, lambda: self.has_looked(WORKING), OSError)

    def no_jobs(self) -> Edit:
        """The configuration without jobs."""
        jobs = self.fill_in(self.program.sources[FILE].read_text("utf-8")).partition("scrape_configs:")[2]
        return Edit(FILE, jobs, " []\n")

    async def knows_its_jobs(self) -> None:
        """Raise `OSError` unless it has targets of exactly the jobs it was told of, and an Alertmanager if it was told of one."""
        told = (self.folder / FILE).read_text("utf-8")
        jobs = set(re.findall(r"job_name: (\S+)", told))
        targets = (await self.tell("targets?state=active"))["activeTargets"]
        alertmanagers = (await self.tell("alertmanagers"))["activeAlertmanagers"]
        if {target["scrapePool"] for target in targets} != jobs or bool(alertmanagers) != (ALERTMANAGER in told):
            raise OSError("it does not yet look at what it was told of")

    async def has_looked(self, healths: frozenset[str]) -> None:
        """Raise `OSError` until every target was looked at twice and every rule judged."""
        targets = (await self.tell("targets?state=active"))["activeTargets"]
        groups = (await self.tell("rules"))["groups"]
        once = (await self.tell(f"query?query={SEEN_ONCE}"))["result"]
        unseen = [target["scrapePool"] for target in targets if target["health"] not in healths]
        unjudged = [rule["name"] for group in groups for rule in group["rules"] if rule["health"] == "unknown"]
        if not targets or unseen or unjudged or once:
            raise OSError(f"not found to work: {unseen or 'anything twice'}; not judged: {unjudged or 'nothing'}")

    async def tell(self, question: str) -> Any:
        """The data of an answer of its HTTP API."""
        return json.loads(await asyncio.to_thread(self.ask, f"/api/v1/{question}"))["data"]


@dataclass
class Watching:
    """The second step as a part of the stack; it has no process."""

    prometheus: Prometheus
    needs: tuple[str, ...]
    name: str = "watching"
    group: str = "monitoring"

    async def start(self) -> str:
        await self.prometheus.watch()
        return "Prometheus, watching everything"

    async def stop(self) -> None:
        """Nothing runs."""

    def signal(self, signal_number: int) -> None:
        """Nobody hears."""
