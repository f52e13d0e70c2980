"""The ending on the terminal: the verdict in one line, causes first with the first step, where the reports are."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixtures.outcome import Outcome
from reports.record import Subject
from reports.verdict import Cause, Verdict, Waived, Word, count

WIDTH = 110
SHOWN_NAMES = 6


@dataclass(frozen=True)
class Line:
    """A line of the ending, and how it stands out."""

    text: str = ""
    style: str = ""


COLOURS = {Word.GO: "green", Word.NO_GO: "red", Word.VOID: "red"}


def ending(verdict: Verdict, subject: Subject, seconds: float, budget_seconds: float, reports: str) -> Iterator[Line]:
    """The lines that a tired person reads."""
    yield Line()
    if subject.override_ticket:
        yield from wrapped("OVERRIDE  ", f"{subject.override_ticket} is recorded. It changes neither verdict nor exit status: "
                           f"only `python -m reports verify --accept {subject.override_ticket}` honours it.")  # fmt: skip
    for one in verdict.waived:
        yield from waived(one)
    for cause in verdict.causes:
        yield from told(cause)
    if verdict.causes:
        yield Line()
    for check in verdict.checks:
        if check.conclusion.outcome is Outcome.ABSENT:
            yield Line(f"  absent   {check.check.name}: {check.conclusion.message}", "dim")
    if verdict.word not in {Word.GO, Word.NO_GO}:
        for reason in verdict.reasons:
            yield from wrapped(f"  {verdict.word.value}: ", reason)
    yield Line(headline(verdict, subject, seconds, budget_seconds), COLOURS.get(verdict.word, "yellow"))
    yield Line(f"reports  {reports}")


def waived(one: Waived) -> Iterator[Line]:
    """One waiver that covers something: what, who, until when, why."""
    waiver = one.waiver
    for name in one.covers:
        left = count(waiver.days_left, "day", "days")
        yield Line(f"WAIVED  {name} ({waiver.ticket}, {waiver.owner}, {left} left)", "yellow")
        yield from wrapped("         ", waiver.reason)


def headline(verdict: Verdict, subject: Subject, seconds: float, budget_seconds: float) -> str:
    """The verdict in one line."""
    about = subject.environment + (f" slot {subject.slot}" if subject.slot else "")
    number = sum(verdict.counts.values())
    return (
        f"{verdict.word.value}  {about}  {', '.join(subject.suites) or 'no suite'}: {tally(verdict) or 'no check was run'}"
        f"{f' of {number}' if number else ''}{f', {len(verdict.unproven)} UNPROVEN' if verdict.unproven else ''}, {seconds:.1f} s of {budget_seconds:g} s, exit status {verdict.exit_status}"
    )


def tally(verdict: Verdict) -> str:
    """How many checks ended how, worst first."""
    order = (Outcome.REFUTED, Outcome.UNKNOWN, Outcome.BLOCKED, Outcome.WAIVED, Outcome.HELD, Outcome.ABSENT)
    parts = [f"{verdict.counts[outcome]} {outcome.value}" for outcome in order if verdict.counts[outcome]]
    if verdict.tolerated:
        parts.insert(0, f"{verdict.tolerated} refuted but tolerated")
    return ", ".join(parts)


def told(cause: Cause) -> Iterator[Line]:
    """One cause: what, why, what it hides, what to do."""
    mark = "REFUTED" if cause.refutes else "UNKNOWN" if not cause.blocks else "CAUSE"
    first, _, rest = cause.message.partition("\n")
    style = "red" if cause.refutes else "yellow"
    weight = cause.severity if cause.proven else f"{cause.severity}, UNPROVEN"
    yield Line(f"{mark}  {cause.id} ({weight})" if mark != "CAUSE" else f"{mark}    {cause.id}", style)
    yield from wrapped("         ", first)
    for detail in rest.splitlines()[:1]:
        if detail != "assert False":  # which says nothing that the sentence does not
            yield Line(f"           {detail[:WIDTH]}", "dim")
    if cause.blocks:
        blocked = ", ".join(cause.blocks[:SHOWN_NAMES]) + (" …" if len(cause.blocks) > SHOWN_NAMES else "")
        yield from wrapped("         ", f"{count(len(cause.blocks), 'check is', 'checks are')} blocked by it: {blocked}")
    if cause.first_step:
        yield from wrapped("     do  ", cause.first_step)


def wrapped(label: str, text: str) -> Iterator[Line]:
    """A text below its label, no wider than a terminal."""
    lines = textwrap.wrap(text, WIDTH - len(label), break_long_words=False) or [""]
    for number, line in enumerate(lines):
        yield Line((label if number == 0 else " " * len(label)) + line)


def show(lines: Iterable[Line]) -> None:
    """Print lines, in colour where the terminal has it."""
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    codes = {"red": "31;1", "yellow": "33;1", "green": "32;1", "dim": "2"}
    for line in lines:
        styled = colour and line.style in codes
        print(f"\033[{codes[line.style]}m{line.text}\033[0m" if styled else line.text)
    sys.stdout.flush()
