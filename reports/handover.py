"""What a controller hands to its xdist workers: a worker looks only for what it is given, and gives no verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.environment import AIM, Aim, folder_of, load, written
from fixtures.guard import scrubber_of
from fixtures.rollout import expected_release
from fixtures.run import OUT, run_of
from fixtures.selection import default_to_all_suites
from reports import allure_extras
from reports.ledger import Ledger


class Handover:
    """Gives every xdist worker what only the controller has."""

    def __init__(self, references: dict[str, str], folder: Path) -> None:
        self.references, self.folder = references, folder

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Before a worker starts."""
        node.workerinput["gate_references"] = self.references
        node.workerinput["gate_folder"] = str(self.folder)
        node.workerinput["gate_run"] = run_of(node.config).id


def prepare_worker(config: Any) -> None:
    """Aim a worker as its controller is aimed; it keeps no record and gives no verdict."""
    given = config.workerinput
    if not config.getoption("env"):
        return
    default_to_all_suites(config)  # xdist gives a worker the command line as it was typed
    expected_release(config)
    folder = folder_of(config.rootpath, config.getoption("env"))
    aim: Aim = load(config, given["gate_references"], written(config, folder))
    config.stash[AIM] = aim
    config.stash[OUT] = Path(given["gate_folder"])
    for secret in aim.secrets:
        scrubber_of(config).learn(secret)
    aim_reporters(config, Path(given["gate_folder"]))
    config.pluginmanager.register(Ledger(Path(given["gate_folder"]), given["workerid"]), "gate-ledger")


def aim_reporters(config: pytest.Config, folder: Path) -> None:
    """Point JUnit and Allure at the folder, unless the command line says otherwise, and keep pytest's ending short."""
    option = config.option
    option.xmlpath = option.xmlpath or str(folder / "junit.xml")
    if not option.allure_report_dir and not option.no_allure:
        option.allure_report_dir = str(folder / "allure-results")
    if option.tbstyle == "auto":
        option.tbstyle = "no"
    if option.reportchars == "fE":
        option.reportchars = ""
    allure_extras.scrub(scrubber_of(config))
