"""The file that tells each replica which lies to tell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from environments.standin.groups import CORE
from environments.standin.parts.privilege import give
from environments.standin.site import Site


@dataclass
class Lies:
    """What is told now, by replica; it has no process."""

    site: Site
    name: str = "lies"
    needs: tuple[str, ...] = ()
    group: str = CORE
    told: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def file(self) -> Path:
        return self.site.lies_file

    async def start(self) -> str:
        self.file.parent.mkdir(exist_ok=True)
        self.write()
        give(self.file.parent)
        return "honesty"

    async def stop(self) -> None:
        """Nothing runs."""

    def signal(self, signal_number: int) -> None:
        """Nobody hears."""

    def tell(self, replicas: Iterable[str], lie: str) -> None:
        for replica in replicas:
            self.told[replica].append(lie)
        self.write()

    def take_back(self, replicas: Iterable[str], lie: str) -> None:
        for replica in replicas:
            self.told[replica].remove(lie)
        self.write()

    def write(self) -> None:
        """By rename: a replica sees the old file or the new one."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.told))
        new.rename(self.file)
