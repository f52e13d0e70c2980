"""The web build: assets named by what they hold, and an index that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from environments.standin.groups import CORE
from environments.standin.parts.privilege import give
from environments.standin.site import Site

SOURCES = Path(__file__).parents[1] / "frontend"
# An asset that names others comes after them; the pages name all, and have names that never change.
ASSETS = ("icon.svg", "manifest.webmanifest", "style.css", "app.js")
PAGES = ("index.html", "service-worker.js")


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
    """Write every asset under its hashed name, and the pages that refer to those names."""
    (target / "assets").mkdir(parents=True)
    names: dict[str, str] = {}
    for asset in ASSETS:
        text = renamed((sources / asset).read_text(), names)
        names[asset] = hashed(asset, text)
        (target / "assets" / names[asset]).write_text(text)
    for page in PAGES:
        (target / page).write_text(renamed((sources / page).read_text(), names))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with every asset called by its hashed name."""
    for asset, name in names.items():
        text = text.replace(f"/assets/{asset}", f"/assets/{name}")
    return text


def hashed(asset: str, text: str) -> str:
    """`app.js` → `app.3f2a91c0.js`: a new content is a new name, so caches never lie."""
    stem, _, suffix = asset.partition(".")
    return f"{stem}.{hashlib.sha256(text.encode()).hexdigest()[:8]}.{suffix}"
