"""The ledger of a run: what was planned and what was concluded, with and without workers.

Under xdist the controller collects nothing. Each worker writes its plan into the report folder before it judges, so
that a worker that dies takes no check with it: planned and not concluded is *unknown*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from _pytest.reports import CollectErrorRepr

from fixtures.check import Check, Severity, check_of, parameters_of
from fixtures.outcome import Conclusion, Outcome, conclusion_on
from fixtures.proof import NoProof, Proof, is_proven, proven
from fixtures.standing import Standing
from fixtures.trial import ENGINE
from reports.record import Folder
from reports.verdict import Planned

PLAN = ".plan-{worker}.json"


class Ledger:
    """Keeps the books of one run. On a worker it only writes the plan."""

    def __init__(self, folder: Path, worker: str = "") -> None:
        self.folder, self.worker = folder, worker
        self.planned: dict[str, Planned] = {}
        self.conclusions: dict[str, Conclusion] = {}
        self.trouble: list[str] = []
        self.announced: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Plan every item that is left after deselection."""
        proofs = proofs_of(session.config)
        self.planned = {item.nodeid: planned(item, check, proofs) for item in session.items if (check := check_of(item))}
        if self.worker:
            plan = [asdict(check) for check in self.planned.values()]
            Folder(self.folder).write(PLAN.format(worker=self.worker), json.dumps(plan))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the sentences of a file that could not be collected."""
        if report.failed:
            self.trouble += sentences(report)

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what broke the gate itself."""
        self.trouble.append(f"the gate itself failed: {excinfo.exconly()}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the conclusion; a later phase can only make it worse."""
        if conclusion := conclusion_on(report):
            self.conclusions[report.nodeid] = conclusion

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Read the plan of a worker, which is whole by now: it was written before this was announced."""
        self.announced |= set(ids)
        file = self.folder / PLAN.format(worker=node.gateway.id)
        for facts in json.loads(file.read_text("utf-8")) if file.exists() else ():
            self.planned[facts["node_id"]] = restored(facts)

    def unplanned(self) -> list[str]:
        """Items that a worker announced and whose plan never arrived."""
        return sorted(self.announced - set(self.planned))

    def standings(self, config: pytest.Config) -> Mapping[str, Standing]:
        """The grounds that were established here, and those that a blocked check names."""
        known = dict(config.stash[ENGINE].standings) if ENGINE in config.stash else {}
        for conclusion in self.conclusions.values():
            if conclusion.outcome is Outcome.BLOCKED:
                known.setdefault(
                    conclusion.cause, Standing(conclusion.cause, held=False, message=conclusion.message, cause=conclusion.cause)
                )
        return known


def sentences(report: pytest.CollectReport) -> list[str]:
    """Our own sentences as they are; of somebody else's traceback, its last line."""
    lines = str(report.longrepr).strip().splitlines() or [f"{report.nodeid} could not be collected"]
    return lines if isinstance(report.longrepr, CollectErrorRepr) else [f"{report.nodeid}: {lines[-1].removeprefix('E').strip()}"]


def proofs_of(config: pytest.Config) -> Mapping[str, Proof]:
    """What has been seen red; nothing where that cannot be read, which the gate says by itself."""
    try:
        return proven(config.rootpath)
    except NoProof:
        return {}


def planned(item: pytest.Item, check: Check, proofs: Mapping[str, Proof]) -> Planned:
    """A test item as the verdict knows it."""
    callspec = getattr(item, "callspec", None)
    return Planned(
        node_id=item.nodeid,
        id=check.id,
        claim=check.claim,
        claims=check.claims,
        severity=check.severity,
        first_step=check.first_step,
        parameters=callspec.id if callspec and parameters_of(item) else "",
        judges=check.judges,
        proven=is_proven(check.id, item.function, proofs),  # type: ignore[attr-defined]  # a check is a function
    )


def restored(facts: Mapping[str, Any]) -> Planned:
    """A plan's entry as it was before it became JSON."""
    return Planned(**{**facts, "claims": tuple(facts["claims"]), "severity": Severity(facts["severity"])})
