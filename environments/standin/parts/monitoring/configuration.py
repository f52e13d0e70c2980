"""The configuration of one server: files with words filled in, which faults may edit."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed
from environments.standin.site import DATABASE_NAME, GRAFANA_USERNAME, MONITORING_ROLE, REPOSITORY, Site

HERE = Path(__file__).parent
DECLARED = REPOSITORY / "environments" / "monitoring"


class Edit(NamedTuple):
    """One change: in `file`, `old` reads `new`; with no `new` at all, the file was forgotten."""

    file: str
    old: str
    new: str | None


@dataclass
class Configuration:
    """`sources` are files by the name they get in `folder`, or folders whose files go to a folder of that name."""

    folder: Path
    sources: Mapping[str, Path]
    words: Mapping[str, str]
    edits: list[Edit] = field(default_factory=list)

    def write(self) -> None:
        """Write all files anew, with exactly the edits in force."""
        texts = {name: fill_in(source.read_text("utf-8"), self.words) for name, source in self.files().items()}
        for edit in self.edits:
            apply(edit, texts)
        self.folder.mkdir(exist_ok=True)
        for name in self.sources:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name, text in texts.items():
            put(self.folder / name, text)
        give(self.folder)

    def edit(self, file: str, old: str, new: str | None) -> Edit:
        """An edit whose texts may name words."""
        return Edit(file, fill_in(old, self.words), None if new is None else fill_in(new, self.words))

    def files(self) -> dict[str, Path]:
        """Each file's name and its source."""
        found: dict[str, Path] = {}
        for name, source in self.sources.items():
            inside = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else []
            found |= {f"{name}/{path.name}": path for path in inside} or {name: source}
        return found


def apply(edit: Edit, texts: dict[str, str]) -> None:
    if edit.old not in texts.get(edit.file, ""):
        raise PartFailed(f"{edit.file} is gone or no longer holds {edit.old!r}, which a fault wants to change")
    if edit.new is None:
        del texts[edit.file]
    else:
        texts[edit.file] = texts[edit.file].replace(edit.old, edit.new)


def put(path: Path, text: str) -> None:
    """By rename, for its reader may look at any moment; private, for it may hold a password."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.touch(mode=0o600)
    new.write_text(text, "utf-8")
    new.rename(path)


def fill_in(text: str, words: Mapping[str, str]) -> str:
    """Replace every @word@."""
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def words(site: Site) -> dict[str, str]:
    """What configurations and options may name between @ signs."""
    return {
        **{f"{name}_port": str(port) for name, port in asdict(site.ports).items()},
        "environment": site.environment,
        "folder": str(site.folder),
        "ca_file": str(site.ca_file),
        "access_log": str(site.log("access")),
        "nginx_question": str(site.folder / "nginx" / "generation.sock"),
        "database_name": DATABASE_NAME,
        "monitoring_role": MONITORING_ROLE,
        "monitoring_password": site.secrets.monitoring_password,
        "cache_password": site.secrets.cache_password,
        "grafana_username": GRAFANA_USERNAME,
        "grafana_password": site.secrets.grafana_password,
        "grafana_token": site.secrets.grafana_token,
        "retention": {"staging": "72h", "production": "30d"}[site.shape],
    }
