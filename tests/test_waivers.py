"""Waivers: taken upon somebody in writing, for some days, for one failure; never more."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fixtures.tables import Misfit
from fixtures.waivers import applied, read
from tests import stub
from tests.conftest import Gate, prove
from tests.judging import HEAD, check_that

TODAY = date(2026, 11, 23)
GOOD = {"id": '"smoke.headers"', "reason": '"comes with 5.1"', "owner": '"maria.k"', "ticket": '"OPS-4711"', "until": "2026-12-01"}


def file_with(folder, *waivers):
    """A waivers.toml of these entries, written as they are given."""
    lines = ("\n".join(["[[waiver]]", *(f"{key} = {value}" for key, value in waiver.items())]) for waiver in waivers)
    (folder / "waivers.toml").write_text("\n\n".join(lines) + "\n", "utf-8")
    return folder


def test_a_good_file_is_read(tmp_path):
    """Who, what, why, until when, and for which failure."""
    (waiver,) = read(file_with(tmp_path, {**GOOD, "message": '"Permissions"'}), TODAY, ["smoke.headers"])

    assert (waiver.ticket, waiver.owner, waiver.days_left, waiver.message) == ("OPS-4711", "maria.k", 8, "Permissions")


def test_no_file_is_no_waiver(tmp_path):
    """An environment without the file has none."""
    assert read(tmp_path, TODAY, []) == ()


MISFITS = {
    "unknown-id": ({**GOOD, "id": '"smoke.heders"'}, "id 'smoke.heders' is the id of no check: did you mean 'smoke.headers'?"),
    "no-owner": ({key: value for key, value in GOOD.items() if key != "owner"}, "owner is missing"),
    "empty-reason": ({**GOOD, "reason": '" "'}, "reason is missing"),
    "no-day": ({**GOOD, "until": '"soon"'}, "until is 'soon', which is no day: write until = 2026-12-01 (UTC)"),
    "a-moment": ({**GOOD, "until": "2026-12-01T10:00:00Z"}, "which is no day"),
    "too-far": ({**GOOD, "until": "2026-12-24"}, "until is 31 days ahead: 30 at most"),
    "unknown-key": ({**GOOD, "untill": "2026-12-01"}, "untill is not a key of a waiver: did you mean 'until'?"),
    "no-pattern": ({**GOOD, "message": '"("'}, "message '(' is no regular expression"),
}


@pytest.mark.parametrize("mistake", MISFITS)
def test_each_mistake_has_its_sentence(tmp_path, mistake):
    """A file that does not say what it must is refused, naming file, entry and key."""
    entry, sentence = MISFITS[mistake]
    with pytest.raises(Misfit) as told:
        read(file_with(tmp_path, entry), TODAY, ["smoke.headers"])

    assert f"{tmp_path}/waivers.toml: [waiver 1] " in str(told.value)
    assert sentence in str(told.value)


def test_the_last_day_still_counts(tmp_path):
    """On its last day a waiver lives; on the next it is expired."""
    on_the_day, after = (read(file_with(tmp_path, GOOD), day, ["smoke.headers"]) for day in (date(2026, 12, 1), date(2026, 12, 2)))

    assert applied(on_the_day, "smoke.headers", "x")[0] == on_the_day[0]
    assert applied(after, "smoke.headers", "x") == (None, "its waiver OPS-4711 of maria.k expired on 2026-12-01: mend it, or renew the waiver")


def test_another_failure_is_not_waived(tmp_path):
    """A waiver with a pattern covers only the failure that it was written for."""
    waivers = read(file_with(tmp_path, {**GOOD, "message": '"^Permissions-Policy"'}), TODAY, ["smoke.headers"])

    assert applied(waivers, "smoke.headers", "Permissions-Policy was sent 0 times")[0] is waivers[0]
    assert "for another failure" in applied(waivers, "smoke.headers", "X-Frame-Options was sent 0 times")[1]
    assert applied(waivers, "smoke.api", "Permissions-Policy") == (None, "")


# ---- a whole run ---------------------------------------------------------------------------------------------


def days(number):
    """A day that many days from today, as TOML has it."""
    return (datetime.now(UTC).date() + timedelta(days=number)).isoformat()


@pytest.fixture
def judged(project, tmp_path):
    """Run two checks of the test's own against the stub, with these waivers."""

    def run(body, *waivers, arguments=()):
        text = HEAD + check_that(body) + check_that("assert seen.status == 200", "@trial('trial.other')").replace("test_fact", "test_other")
        (project / "suites" / "trial" / "test_trial.py").write_text(text)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact", "trial.other"]\n')
        prove(project, {"trial.fact": "test_fact"})
        with stub.serving() as url:
            folder = file_with(stub.environment(tmp_path / "stub", url), *waivers)
            return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)

    return run


WAIVER = {**GOOD, "id": '"trial.fact"', "until": days(3)}
REFUTED = "assert seen.status == 404, 'it is there'"


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_a_waived_refutation_is_go_and_shown_first(judged, arguments):
    """A refutation that somebody has taken upon themselves is waived; it is told before anything else."""
    ran = judged(REFUTED, WAIVER, arguments=arguments)

    assert (ran.exit_status, ran.having("waived")) == (0, {"trial.fact"}), ran.output
    assert ran.verdict["waivers"][0]["covers"] == ["trial.fact"]
    assert "WAIVED  trial.fact (OPS-4711, maria.k, 3 days left)" in ran.output
    assert "GO  stub  trial: 1 waived, 1 held of 2" in ran.output


ROWS = {
    "expired": (REFUTED, {**WAIVER, "until": days(-1)}, 1, "expired on"),
    "another-failure": (REFUTED, {**WAIVER, "message": '"is gone"'}, 1, "is for another failure, one that says 'is gone'"),
    "matches-nothing": ("assert seen.status == 200", WAIVER, 10, "the waiver OPS-4711 of trial.fact matches nothing that is refuted"),
    "expired-and-held": ("assert seen.status == 200", {**WAIVER, "until": days(-1)}, 10, "take it out of waivers.toml"),
    "unknown-id": (REFUTED, {**WAIVER, "id": '"trial.fakt"'}, 4, "is the id of no check"),
    "could-not-be-told": ("seen.no_such_thing", WAIVER, 10, "AttributeError"),
    "void": ("pass", WAIVER, 11, "held without evaluating an assertion"),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_waiver_that_does_not_fit_is_never_green(judged, row):
    """Expired, for another failure, matching nothing, of no check; unknown and void stay what they are."""
    body, waiver, status, sentence = ROWS[row]
    ran = judged(body, waiver)

    assert ran.exit_status == status, ran.output
    assert sentence in " ".join(ran.output.split())


def test_an_override_is_recorded_and_changes_nothing(judged):
    """A break-glass ticket stands in the verdict and on the terminal; the exit status is what it was."""
    ran = judged(REFUTED, arguments=("--override", "INC-9"))

    assert (ran.exit_status, ran.verdict["verdict"], ran.verdict["override_ticket"]) == (1, "NO-GO", "INC-9")
    assert "OVERRIDE  INC-9 is recorded" in ran.output
