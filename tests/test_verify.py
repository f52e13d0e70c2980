"""A pipeline switches on a verdict only if it is whole, about the right thing, fresh, complete, and GO."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reports.__main__ import main
from reports.record import SCHEMA

GO = {
    "schema": SCHEMA, "verdict": "GO", "exit_status": 0, "environment": "staging", "slot": "green", "release": "5.0.1",
    "suites": ["smoke"], "required_suites": ["smoke"], "reasons": [], "override_ticket": "",
}  # fmt: skip
NO_GO = {**GO, "verdict": "NO-GO", "exit_status": 1, "reasons": ["1 check is refuted"], "override_ticket": "INC-9"}


@pytest.fixture
def verify(tmp_path, capsys):
    """Ask of a record whether it permits the switch: the exit status and what was said."""

    def run(record, *arguments, age_seconds=10):
        finished_at = datetime.now(UTC) - timedelta(seconds=age_seconds)
        (tmp_path / "verdict.json").write_text(json.dumps({**record, "finished_at": finished_at.isoformat()}))
        return main(["verify", str(tmp_path), *arguments]), capsys.readouterr().out

    return run


def test_a_fresh_go_about_the_right_thing_permits(verify):
    """GO, of this environment, slot and release, fresh, with all suites."""
    asked = ("--env=staging", "--slot=green", "--release=5.0.1", "--max-age=600", "--suites=smoke")

    assert verify(GO, *asked)[0] == 0


REFUSED = {
    "no-go": (NO_GO, (), 10, "the verdict is NO-GO: 1 check is refuted"),
    "void": ({**GO, "verdict": "VOID", "exit_status": 11, "reasons": ["the run has not come to an end"]}, (), 10, "has not come to an end"),
    "partial": ({**GO, "verdict": "PARTIAL", "exit_status": 12, "reasons": ["-k"]}, (), 10, "PARTIAL"),
    "other-environment": (GO, ("--env=production",), 10, "it is about environment staging, and production is to be switched"),
    "other-slot": (GO, ("--slot=blue",), 10, "it is about slot green"),
    "no-slot": ({**GO, "slot": None}, ("--slot=blue",), 10, "it is about slot (none)"),
    "other-release": (GO, ("--release=5.0.2",), 10, "it is about release 5.0.1"),
    "stale": (GO, ("--max-age=60",), 61, "61 s old, and 60 s are allowed"),
    "from-the-future": (GO, (), -3600, "it ends in the future"),
    "suite-missing": (GO, ("--suites=smoke,api",), 10, "a switch needs the suites api"),
    "required-suite-missing": ({**GO, "required_suites": ["smoke", "database"]}, (), 10, "a switch needs the suites database"),
    "edited-word": ({**NO_GO, "verdict": "GO"}, (), 10, "contradicts itself: GO with exit status 1"),
    "other-schema": ({**GO, "schema": "another/1"}, (), 10, "is no record of schema"),
    "key-missing": ({key: value for key, value in GO.items() if key != "suites"}, (), 10, "lacks what a record"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_anything_else_refuses_with_a_sentence(verify, case):
    """Each thing that is not as wanted is refused and said."""
    record, arguments, age_seconds, sentence = REFUSED[case]
    status, said = verify(record, *arguments, age_seconds=age_seconds)

    assert (status, sentence in said) == (1, True), said


@pytest.mark.parametrize(
    ("record", "accept", "status"),
    [(NO_GO, "INC-9", 0), (NO_GO, "INC-8", 1), ({**NO_GO, "override_ticket": ""}, "", 1), (GO, "INC-9", 0),
     ({**NO_GO, "verdict": "INCONCLUSIVE", "exit_status": 10}, "INC-9", 0),
     ({**NO_GO, "verdict": "VOID", "exit_status": 11}, "INC-9", 1), ({**NO_GO, "verdict": "PARTIAL", "exit_status": 12}, "INC-9", 1)],
)  # fmt: skip
def test_break_glass_takes_the_same_ticket_on_both_sides(verify, record, accept, status):
    """A ticket is honoured where the record has it and the caller names it, and never for what proves nothing."""
    assert verify(record, f"--accept={accept}")[0] == status


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "ms5-gate-verdict/1"}'])
def test_what_is_no_record_refuses(tmp_path, capsys, text):
    """A file that is empty, torn or something else is refused without a traceback."""
    (tmp_path / "verdict.json").write_text(text)

    assert main(["verify", str(tmp_path / "verdict.json")]) == 1
    assert "refused  " in capsys.readouterr().out


def test_a_missing_file_refuses(tmp_path, capsys):
    """No record is no permission."""
    assert main(["verify", str(tmp_path)]) == 1
    assert "cannot be read (No such file or directory): run the gate" in capsys.readouterr().out
