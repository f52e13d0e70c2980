"""The gate: one outermost wrapper around a run, which maps every ending to a verdict and its exit status.

Whatever ends the run ends it here: a green suite, a refuted check, Ctrl-C, a bad file, a crash of pytest itself.
Nothing that happens inside can leave a GO behind, since the record said VOID before anything was looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures import doctor, eyesight, watchdog
from fixtures.catalogue import census
from fixtures.check import Severity
from fixtures.claims import ledger as ledger_of_claims
from fixtures.environment import AIM, FILE, folder_of, load, written
from fixtures.guard import scrubber_of
from fixtures.identity import IDENTITY
from fixtures.proof import doubts
from fixtures.rollout import expected_release, settle
from fixtures.run import OUT, run_of
from fixtures.selection import Selection, default_to_all_suites, names_suites, selection_of
from fixtures.wholeness import require_whole
from reports import allure_extras, claims, junit, replay
from reports.doubts import distrust, identified, unkept, unpinned
from reports.early import DECIDED
from reports.handover import Handover, aim_reporters, prepare_worker
from reports.ledger import PLAN, Ledger
from reports.record import CannotWrite, Folder, Subject, as_json, record, void
from reports.replay import recorded_verdict
from reports.terminal import Line, ending, show
from reports.verdict import Ending, Run, Verdict, Word, judge

# Options that ask of the environment alone, so that pytest need not run at all.
ONLY_THE_ENVIRONMENT = {"--check-config", "--doctor"}

# A run as a hook wrapper: it yields once, is sent pytest's exit status, and returns its own.
Steps = Generator[None, int | None, int | None]

ENDED: dict[int, Ending] = {
    pytest.ExitCode.OK: Ending.COMPLETED,
    pytest.ExitCode.TESTS_FAILED: Ending.COMPLETED,
    pytest.ExitCode.INTERRUPTED: Ending.INTERRUPTED,
    pytest.ExitCode.USAGE_ERROR: Ending.USAGE,
    pytest.ExitCode.NO_TESTS_COLLECTED: Ending.NOTHING_COLLECTED,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gate")
    group.addoption("--out", metavar="DIR", help="Report folder (default: reports/out/<environment>[-<slot>]).")
    group.addoption("--override", default="", metavar="TICKET", help="Record a break-glass ticket; changes no verdict.")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Steps:
    """Judge the run if it has a target; leave it to pytest if it has none."""
    if hasattr(config, "workerinput"):
        prepare_worker(config)
        return (yield)
    if not config.getoption("env", None):
        require_whole(config)
        refuse_suites_without_target(config)
        return (yield)
    return (yield from Gate(config).run())


def refuse_suites_without_target(config: pytest.Config) -> None:
    for argument in names_suites(config):
        raise pytest.UsageError(f"{argument} needs a target, and there is no default one: add --env=NAME")


@dataclass
class Opened:
    """What a run has from its first moment."""

    environment: Path
    subject: Subject
    folder: Folder
    selection: Selection
    started: float


class Gate:
    """One run of the gate, from the command line to the exit status."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.unsettled = ""
        self.recorded: Mapping[str, Any] | None = None  # the verdict of the run that is replayed

    def run(self) -> Steps:
        """Open the record, aim, let pytest run, judge, tell."""
        try:
            self.opened = self.open()
        except CannotWrite as problem:
            return (yield from self.decided(self.cannot_write(problem)))
        try:
            return (yield from self.run_with_record())
        finally:
            watchdog.stop()
            self.opened.folder.release()

    def run_with_record(self) -> Steps:
        ended, status, trouble, begun = Ending.COMPLETED, None, [], False
        try:
            require_whole(self.config)
            self.aim()
            if self.opened.selection.idle in ONLY_THE_ENVIRONMENT:
                return (yield from self.decided(self.finish(ended, [])))
            begun = True
            watchdog.start(self.config.stash[AIM].target.gate.budget_seconds)
            status = yield
            ended = ENDED.get(-1 if status is None else status, Ending.INTERNAL_ERROR)
        except pytest.UsageError as problem:
            self.finish(Ending.USAGE, [str(problem)])
            raise
        except KeyboardInterrupt:
            ended, trouble = Ending.INTERRUPTED, ["Ctrl-C"]
        except BaseException as problem:  # noqa: BLE001 - whatever breaks must not decide the exit status
            ended, trouble = Ending.INTERNAL_ERROR, [f"{type(problem).__name__}: {problem}"]
        if not begun:
            return (yield from self.decided(self.finish(ended, trouble)))
        return self.finish(ended, trouble, status)

    def decided(self, status: int) -> Steps:
        """End here, without pytest: `reports.early` answers in its place."""
        self.config.stash[DECIDED] = status
        yield
        return status

    # ---- before ----------------------------------------------------------------------------------------------

    def open(self) -> Opened:
        """Take the report folder and put VOID into it. Raises UsageError, CannotWrite."""
        config = self.config
        default_to_all_suites(config)
        environment = folder_of(config.rootpath, config.getoption("env"))
        selection = selection_of(config)
        subject = Subject(
            environment.name, config.getoption("slot"), selection.suites, {}, run_of(config).id, datetime.now(UTC),
            config.getoption("override").strip(),
        )  # fmt: skip
        opened = Opened(environment, subject, Folder(self.folder(subject)), selection, time.monotonic())
        self.spare_the_recorded(opened.folder.path)
        try:
            opened.folder.take()
        except BlockingIOError:
            raise pytest.UsageError(
                f"another gate is writing to {opened.folder.path}: wait for it, or give this one its own with --out DIR"
            ) from None
        opened.folder.write("verdict.json", as_json(void(subject, "the run has not come to an end")))
        opened.folder.empty()
        return opened

    def folder(self, subject: Subject) -> Path:
        """Where the reports go: ``--out``, or a place of this target's own."""
        if given := self.config.getoption("out"):
            return Path(self.config.invocation_params.dir, given)
        parts = (subject.environment, subject.slot, "replay" if self.config.getoption("replay", None) else None)
        return self.config.rootpath / "reports" / "out" / "-".join(filter(None, parts))

    def spare_the_recorded(self, folder: Path) -> None:
        """Read the verdict of the run that is replayed, and leave its folder alone. Raises UsageError."""
        if not (file := self.config.getoption("replay", None)):
            return
        if file.resolve().parent == folder.resolve():
            raise pytest.UsageError(f"--replay {file}: this run's own reports would overwrite it: name another folder with --out")
        self.recorded = recorded_verdict(file)

    def aim(self) -> None:
        """Read the environment, start its stand-in if it has one, and point every reporter at the folder."""
        config, opened = self.config, self.opened
        folder = opened.environment
        config.stash[OUT] = opened.folder.path
        dry = opened.selection.idle not in {"", "--doctor"} or bool(config.getoption("replay", None))
        if config.getoption("doctor") and not doctor.show(doctor.examine_references(folder), print):
            raise pytest.UsageError(f"{folder / FILE}: set what is missing, then ask the doctor again")
        expected_release(config)
        content = written(config, folder)
        references = config.hook.pytest_gate_references(config=config, name=folder.name, written=content.content, dry=dry)
        aim = load(config, references, content)
        config.stash[AIM] = aim
        opened.subject = replace(
            opened.subject, overrides=aim.overrides, required_suites=aim.target.gate.required_suites, release=aim.target.release.version
        )
        for secret in aim.secrets:
            scrubber_of(config).learn(secret)
        self.ledger = Ledger(opened.folder.path)
        config.pluginmanager.register(self.ledger, "gate-ledger")
        config.pluginmanager.register(Handover(dict(references or {}), opened.folder.path), "gate-handover")
        for plan in opened.folder.path.glob(PLAN.format(worker="*")):
            plan.unlink()
        aim_reporters(config, opened.folder.path)
        self.look_at_environment()

    def look_at_environment(self) -> None:
        """What is asked of the environment itself, before any check. Raises UsageError."""
        config = self.config
        if config.getoption("check_config"):
            print(f"{self.opened.subject.environment}: the configuration is valid")
        if config.getoption("doctor") and not doctor.show(doctor.examine(config), print):
            raise pytest.UsageError(f"{self.opened.subject.environment} cannot be judged like this: see the lines marked MISSING")
        if not self.opened.selection.idle:
            self.unsettled = settle(config, print)

    # ---- after -----------------------------------------------------------------------------------------------

    def finish(self, ended: Ending, trouble: list[str], status: int | None = None) -> int:
        """Judge, write, tell; the exit status."""
        verdict = judge(self.run_record(ended, trouble, status))
        try:
            self.write(verdict)
        except CannotWrite as problem:
            return self.cannot_write(problem)
        if verdict.word is not Word.USAGE:  # pytest says that sentence itself
            self.tell(verdict)
        return verdict.exit_status

    def run_record(self, ended: Ending, trouble: list[str], status: int | None) -> Run:
        """The frozen record that the verdict is a function of."""
        opened, config = self.opened, self.config
        ledger = getattr(self, "ledger", None)
        if ledger is None or AIM not in config.stash:
            return Run(ended, list(Severity)[-1], trouble=self.clean(trouble))
        idle = bool(opened.selection.idle)
        narrowed = opened.selection.narrowed
        return Run(
            ending=ended,
            blocks_from=config.stash[AIM].target.gate.blocks_from,
            planned=() if idle else tuple(ledger.planned.values()),
            conclusions=ledger.conclusions,
            standings=ledger.standings(config),
            waivers=config.stash[AIM].waivers,
            narrowed=narrowed,
            distrust=self.clean(
                [*self.census(ledger), *distrust(ledger, status, idle=idle), *unkept(config), *identified(config), *eyesight.doubts(config)]
            ),
            unsettled=self.clean([why for why in (self.unsettled, unpinned(config)) if why]),
            trouble=self.clean([*trouble, *ledger.trouble]),
        )

    def census(self, ledger: Ledger) -> list[str]:
        """What the locks promise of these suites and is not there; of a part, no id is promised."""
        unproven = [] if self.opened.selection.idle else doubts(self.config.rootpath)
        if self.opened.selection.narrowed:
            return unproven
        return unproven + census(self.config.rootpath, self.opened.subject.suites, (check.id for check in ledger.planned.values()))

    def write(self, verdict: Verdict) -> None:
        """Write every report, the verdict last. Raises CannotWrite."""
        opened = self.opened
        ledger = getattr(self, "ledger", None)
        grounds = [vars(standing) for standing in ledger.standings(self.config).values()] if ledger else []
        content = record(opened.subject, verdict, datetime.now(UTC), grounds, eyesight.entries(self.config))
        content["claims"] = claims.entries(ledger_of_claims(self.config.rootpath), verdict.checks)
        content["identity"] = self.config.stash[IDENTITY].facts() if IDENTITY in self.config.stash else {}
        if file := self.config.getoption("replay", None):
            content["replay"] = replay.facts(file, self.recorded, verdict.checks)
        if AIM in self.config.stash:
            junit.append_verdict(Path(self.config.option.xmlpath), verdict)
            allure_extras.append_verdict(self.config.option.allure_report_dir, verdict, opened.subject)
        opened.folder.write("verdict.json", self.clean([as_json(content)])[0])

    def tell(self, verdict: Verdict) -> None:
        """Print the ending."""
        opened = self.opened
        budget = self.config.stash[AIM].target.gate.budget_seconds if AIM in self.config.stash else 0.0
        folder = os.path.relpath(opened.folder.path, self.config.invocation_params.dir)
        reports = f"{folder}/verdict.json  junit.xml" + ("" if self.config.option.no_allure else "  allure-results/")
        lines = ending(verdict, opened.subject, time.monotonic() - opened.started, budget, reports)
        show([replace(line, text=self.clean([line.text])[0]) for line in lines])
        if file := self.config.getoption("replay", None):
            show(Line(sentence) for sentence in replay.sentences(replay.facts(file, self.recorded, verdict.checks)))

    def cannot_write(self, problem: CannotWrite) -> int:
        """The verdict that needs no file: nothing is proven that nobody can read."""
        show([Line(f"VOID  a report cannot be written: {problem}", "red")])
        return Word.VOID.exit_status

    def clean(self, texts: list[str]) -> tuple[str, ...]:
        return tuple(scrubber_of(self.config).clean(text) for text in texts)
