"""The verdict is a pure function; every row of its table, every precedence, and what can never be GO."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fixtures.check import Severity
from fixtures.outcome import Conclusion, Outcome
from fixtures.standing import Standing
from fixtures.waivers import Waiver
from reports.verdict import Ending, Planned, Run, Word, judge

HELD = Conclusion(Outcome.HELD, exchanges=1, assertions=1)
REFUTED = Conclusion(Outcome.REFUTED, "it is not so", exchanges=1)
UNKNOWN = Conclusion(Outcome.UNKNOWN, "no answer")
BLOCKED = Conclusion(Outcome.BLOCKED, "db:5432 refuses connections", cause="database.reachable")
ABSENT = Conclusion(Outcome.ABSENT, "there is none")
WAIVED = Conclusion(Outcome.WAIVED, "it is not so", exchanges=1, waiver="OPS-1")
WAIVER = Waiver("trial.fact-1", "comes with 5.1", "maria.k", "OPS-1", date(2026, 12, 1), "", 8)
EXPIRED = replace(WAIVER, until=date(2026, 11, 1), days_left=-22)


def planned(number: int, severity: Severity = Severity.CRITICAL, judges: str = "") -> Planned:
    return Planned(f"node-{number}", f"trial.fact-{number}", "It is so.", ("api.health",), severity, "look", judges=judges)


def run(*conclusions: Conclusion, severity: Severity = Severity.CRITICAL, **facts) -> Run:
    checks = tuple(planned(number, severity) for number, _ in enumerate(conclusions))
    concluded = {check.node_id: conclusion for check, conclusion in zip(checks, conclusions, strict=True)}
    return Run(**{"ending": Ending.COMPLETED, "blocks_from": Severity.NORMAL, "planned": checks, "conclusions": concluded, **facts})


def unproven(record: Run) -> Run:
    """The same run, whose last check was never seen red."""
    *proven, last = record.planned
    return replace(record, planned=(*proven, replace(last, proven=False)))


ROWS = [
    ("all held", run(HELD, HELD), Word.GO, 0),
    ("held and absent", run(HELD, ABSENT), Word.GO, 0),
    ("refuted below blocks_from", run(HELD, REFUTED, severity=Severity.MINOR), Word.GO, 0),
    ("refuted", run(HELD, REFUTED), Word.NO_GO, 1),
    ("refuted while unproven", unproven(run(HELD, REFUTED)), Word.INCONCLUSIVE, 10),
    ("refuted below blocks_from while unproven", unproven(run(HELD, REFUTED, severity=Severity.MINOR)), Word.INCONCLUSIVE, 10),
    ("held while unproven", unproven(run(HELD, HELD)), Word.GO, 0),
    ("refuted, proven and not", unproven(run(REFUTED, REFUTED)), Word.NO_GO, 1),
    ("interrupted", run(HELD, ending=Ending.INTERRUPTED), Word.INTERRUPTED, 2),
    ("internal error", run(HELD, ending=Ending.INTERNAL_ERROR), Word.INTERNAL_ERROR, 3),
    ("usage", run(ending=Ending.USAGE), Word.USAGE, 4),
    ("nothing collected", run(ending=Ending.NOTHING_COLLECTED), Word.NOTHING_COLLECTED, 5),
    ("unknown", run(HELD, UNKNOWN), Word.INCONCLUSIVE, 10),
    ("blocked", run(HELD, BLOCKED), Word.INCONCLUSIVE, 10),
    ("unsettled", run(HELD, unsettled=("the rollout did not settle",)), Word.INCONCLUSIVE, 10),
    ("distrusted", run(HELD, distrust=("an id was not collected",)), Word.VOID, 11),
    ("held without looking", run(replace(HELD, exchanges=0)), Word.VOID, 11),
    ("held without asserting", run(replace(HELD, assertions=0)), Word.VOID, 11),
    ("nothing planned", run(), Word.VOID, 11),
    ("everything absent", run(ABSENT, ABSENT), Word.VOID, 11),
    ("everything absent or waived", run(ABSENT, WAIVED, waivers=(WAIVER,)), Word.VOID, 11),
    ("narrowed", run(HELD, narrowed=("-k",)), Word.PARTIAL, 12),
    ("waived", run(HELD, WAIVED, waivers=(WAIVER,)), Word.GO, 0),
    ("waived and not refuted", run(HELD, HELD, waivers=(WAIVER,)), Word.INCONCLUSIVE, 10),
    ("waived by a ticket of two", run(HELD, WAIVED, waivers=(WAIVER, replace(WAIVER, ticket="OPS-2"))), Word.INCONCLUSIVE, 10),
    ("a waiver of a check that is not of this run", run(HELD, waivers=(WAIVER,)), Word.GO, 0),
]


@pytest.mark.parametrize(("record", "word", "status"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_row_of_the_table(record, word, status):
    """Each row of the design's table has its word and its exit status."""
    verdict = judge(record)

    assert (verdict.word, verdict.exit_status) == (word, status)


# All that can be wrong at once, and what wins while one thing after the other is mended.
WORST = {
    Word.USAGE: {"ending": Ending.USAGE},
    Word.INTERNAL_ERROR: {"ending": Ending.INTERNAL_ERROR},
    Word.INTERRUPTED: {"ending": Ending.INTERRUPTED},
    Word.NOTHING_COLLECTED: {"ending": Ending.NOTHING_COLLECTED},
    Word.VOID: {"distrust": ("an id was not collected",)},
}


@pytest.mark.parametrize("word", WORST)
def test_an_ending_wins_over_every_conclusion(word):
    """An ending that is no completion, and VOID, win over refuted, unknown and narrowed."""
    assert judge(run(REFUTED, UNKNOWN, HELD, narrowed=("-k",), **WORST[word])).word is word


def test_conclusions_win_in_their_order():
    """NO-GO before INCONCLUSIVE before PARTIAL before GO."""
    words = [
        judge(run(REFUTED, UNKNOWN, HELD, narrowed=("-k",))).word,
        judge(run(UNKNOWN, HELD, narrowed=("-k",))).word,
        judge(run(HELD, narrowed=("-k",))).word,
        judge(run(HELD)).word,
    ]

    assert words == [Word.NO_GO, Word.INCONCLUSIVE, Word.PARTIAL, Word.GO]


def test_void_still_lists_refutations():
    """A gate that cannot vouch for itself does not hide what it saw."""
    verdict = judge(run(REFUTED, distrust=("a control looked healthy",)))

    assert verdict.word is Word.VOID
    assert [cause.id for cause in verdict.causes] == ["trial.fact-0"]


@pytest.mark.parametrize(("waiver", "why"), [(WAIVER, "matches nothing that is refuted"), (EXPIRED, "expired on 2026-11-01")])
def test_a_stale_waiver_says_why(waiver, why):
    """A waiver that covers nothing is named with what is wrong with it."""
    assert judge(run(HELD, HELD, waivers=(waiver,))).reasons == (f"the waiver OPS-1 of trial.fact-1 {why}: take it out of waivers.toml",)


def test_a_waiver_waits_for_what_could_not_be_told():
    """A waiver of a check that is unknown may still be needed: it is not called stale."""
    assert judge(run(HELD, UNKNOWN, waivers=(WAIVER,))).reasons == ("1 check could not be told",)


def test_what_ended_the_run_is_told():
    """The reason of a run that did not end by itself is what ended it; where nobody knows, how it ended."""
    assert judge(run(HELD, ending=Ending.USAGE, trouble=("api.base_url is missing",))).reasons == ("api.base_url is missing",)
    assert judge(run(HELD, ending=Ending.INTERRUPTED)).reasons == ("the run ended: interrupted",)


def test_causes_come_by_severity():
    """Refutations stand first, the most severe before the milder; what could not be told comes after, and says so."""
    checks = (planned(0), planned(1, Severity.MINOR), planned(2, Severity.BLOCKER))
    verdict = judge(Run(Ending.COMPLETED, Severity.NORMAL, checks, {"node-0": UNKNOWN, "node-1": REFUTED, "node-2": REFUTED}))

    assert [(cause.id, cause.refutes) for cause in verdict.causes] == [("trial.fact-2", True), ("trial.fact-1", True), ("trial.fact-0", False)]


def test_what_was_never_seen_red_is_named():
    """An unproven check is listed, red or green, and as a cause it says that it is unproven."""
    red, green = judge(unproven(run(HELD, REFUTED))), judge(unproven(run(HELD, HELD)))

    assert red.unproven == green.unproven == ("trial.fact-1",)
    assert [cause.proven for cause in red.causes] == [False]


def test_planned_and_never_concluded_is_unknown():
    """A check whose worker died is unknown, not forgotten."""
    record = run(HELD, HELD)
    verdict = judge(replace(record, conclusions={"node-0": HELD}))

    assert verdict.word is Word.INCONCLUSIVE
    assert verdict.counts[Outcome.UNKNOWN] == 1


def test_blocks_from_is_inclusive():
    """A check as severe as blocks_from blocks; the next milder one is tolerated and counted."""
    severities = list(Severity)
    for blocks_from, milder in pairwise(severities):
        assert judge(run(REFUTED, severity=blocks_from, blocks_from=blocks_from)).word is Word.NO_GO
        tolerated = judge(run(HELD, REFUTED, severity=milder, blocks_from=blocks_from))
        assert (tolerated.word, tolerated.tolerated) == (Word.GO, 1)


def test_what_a_ground_blocks_is_told_once():
    """Forty blocked checks are one cause with forty names."""
    verdict = judge(run(*[BLOCKED] * 40))

    assert [(cause.id, len(cause.blocks)) for cause in verdict.causes] == [("database.reachable", 40)]


def test_the_judge_of_a_ground_is_the_cause_of_what_it_blocks():
    """A refuted check that judges a ground carries what the ground blocks, and the ground is not told again."""
    checks = (planned(0, judges="database.reachable"), planned(1), planned(2))
    conclusions = {"node-0": REFUTED, "node-1": BLOCKED, "node-2": BLOCKED}
    standing = Standing("database.reachable", held=False, message="refused", cause="database.reachable")
    verdict = judge(Run(Ending.COMPLETED, Severity.NORMAL, checks, conclusions, {"database.reachable": standing}))

    assert [(cause.id, cause.blocks) for cause in verdict.causes] == [("trial.fact-0", ("trial.fact-1", "trial.fact-2"))]


@settings(deadline=None, max_examples=60)
@given(some.lists(some.sampled_from([HELD, REFUTED, UNKNOWN, BLOCKED, ABSENT]), max_size=8), some.sampled_from(Ending))
def test_go_is_only_for_runs_without_a_doubt(conclusions, ending):
    """GO is said exactly when the run was completed, something held, and the rest held or is absent."""
    sound = ending is Ending.COMPLETED and HELD in conclusions and set(conclusions) <= {HELD, ABSENT}

    assert (judge(run(*conclusions, ending=ending)).word is Word.GO) == sound
