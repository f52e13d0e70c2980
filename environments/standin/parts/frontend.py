"""The web build: assets named by what they hold, and an index that names them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from environments.standin.groups import CORE
from environments.standin.parts.privilege import give
from environments.standin.site import Site

SOURCES = Path(__file__).parents[1] / "frontend"
INDEX = "index.html"


@dataclass
class Frontend:
    """The folder nginx serves; it has no process."""

    site: Site
    name: str = "frontend"
    needs: tuple[str, ...] = ()
    group: str = CORE

    @property
    def folder(self) -> Path:
        return self.site.folder / "frontend"

    async def start(self) -> str:
        if not self.folder.exists():
            build(SOURCES, self.folder)
            give(self.folder)
        return "front end"

    async def stop(self) -> None:
        """Nothing runs."""

    def signal(self, signal_number: int) -> None:
        """Nobody hears."""

    def asset(self, suffix: str) -> Path:
        """The one built asset with this suffix."""
        (found,) = (self.folder / "assets").glob(f"*{suffix}")
        return found


def build(sources: Path, target: Path) -> None:
    """Copy every asset under its hashed name and write an index that refers to those names."""
    (target / "assets").mkdir(parents=True)
    index = (sources / INDEX).read_text()
    for source in sorted(set(sources.iterdir()) - {sources / INDEX}):
        name = hashed(source)
        (target / "assets" / name).write_bytes(source.read_bytes())
        index = index.replace(f"/assets/{source.name}", f"/assets/{name}")
    (target / INDEX).write_text(index)


def hashed(source: Path) -> str:
    """`app.js` → `app.3f2a91c0.js`: a new content is a new name, so caches never lie."""
    return f"{source.stem}.{hashlib.sha256(source.read_bytes()).hexdigest()[:8]}{source.suffix}"
