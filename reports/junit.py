"""JUnit: pytest's own file, with one more case, ``gate.verdict``, that is failed unless the verdict is GO."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

from reports.record import CannotWrite
from reports.verdict import Verdict, Word

EMPTY = '<testsuites><testsuite name="gate" tests="0" failures="0" errors="0" skipped="0" time="0"/></testsuites>'


def append_verdict(file: Path, verdict: Verdict) -> None:
    """Add the case to the file, or make one that holds it alone. Raises CannotWrite."""
    root = existing(file)
    suite = root.find("testsuite")
    suite = root if suite is None else suite
    case = ElementTree.SubElement(suite, "testcase", classname="gate", name="verdict", time="0")
    suite.set("tests", str(int(suite.get("tests", "0")) + 1))
    if verdict.word is not Word.GO:
        why = "; ".join((*verdict.reasons, *(f"{cause.id}: {cause.message}" for cause in verdict.causes)))
        ElementTree.SubElement(case, "failure", message=verdict.word.value).text = why
        suite.set("failures", str(int(suite.get("failures", "0")) + 1))
    write(root, file)


def existing(file: Path) -> ElementTree.Element:
    """What pytest wrote in this run, or an empty report where it came to no end."""
    try:
        return ElementTree.parse(file).getroot()  # noqa: S314 - pytest wrote it a moment ago
    except (OSError, ElementTree.ParseError):
        return ElementTree.fromstring(EMPTY)  # noqa: S314 - our own constant


def write(root: ElementTree.Element, file: Path) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
        fresh.replace(file)
    except OSError as problem:
        raise CannotWrite(f"{file} cannot be written ({problem.strerror}): make room or name another folder with --out") from None
