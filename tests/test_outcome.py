"""From a look and its judgement to an outcome: every way a check can end, and what it makes of the verdict."""

import pytest

from tests.judging import check_that

# What a check does, its outcome, the exit status, and what is said of it.
WAYS = {
    "holds": ("assert seen.status == 200", "held", 0, ""),
    "is-refuted": ("assert seen.status == 404, 'it is there'", "refuted", 1, "it is there"),
    "breaks": ("seen.no_such_thing", "unknown", 10, "AttributeError"),
    "skips": ("pytest.skip('not today')", "unknown", 10, "it skipped itself: not today"),
    "fails-by-hand": ("pytest.fail('no')", "unknown", 10, "no"),
    "xfails": ("pytest.xfail('known')", "unknown", 10, "known"),
    "returns": ("return seen.status == 200", "unknown", 10, "its judgement returned a value instead of asserting"),
    "asserts-nothing": ("pass", "held", 11, ""),
    "returns-early": ("return\n    assert seen.status == 200", "held", 11, ""),
    "loops-over-nothing": ("for entry in []:\n        assert entry", "held", 11, ""),
}


def test_each_way_to_end_in_a_worker(judged):
    """From a worker every outcome comes back as it is without one."""
    suite = "".join(
        check_that(body, f"@trial('trial.{way}')").replace("test_fact", f"test_{way.replace('-', '_')}")
        for way, (body, *_) in WAYS.items()
    )
    ran = judged(suite, "-n", "1")

    assert {way: ran.check(f"trial.{way}")["outcome"] for way in WAYS} == {way: row[1] for way, row in WAYS.items()}
    assert ran.exit_status == 11


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_end(judged, way):
    """Each way a judgement can end has its outcome, and none but holding is GO."""
    body, outcome, status, message = WAYS[way]
    ran = judged(check_that(body))

    assert (ran.check("trial.fact")["outcome"], ran.exit_status) == (outcome, status), ran.output
    assert message in ran.check("trial.fact")["message"]


def test_an_assertion_in_a_probe_is_no_refutation(judged):
    """A probe that asserts could not tell; only a judgement refutes."""
    ran = judged("\ndef assert_early(api):\n    assert api.get('/health').status == 404\n" + check_that("assert seen", "@trial(probe=assert_early)"))

    assert (ran.having("unknown"), ran.exit_status) == ({"trial.fact"}, 10)


def test_a_check_that_never_looks_is_void(judged):
    """A probe that exchanged nothing with the target proves nothing."""
    ran = judged("\ndef imagine(api):\n    return 200\n" + check_that("assert seen == 200", "@trial(probe=imagine)"))

    assert ran.exit_status == 11
    assert "held without having looked at anything" in ran.output


@pytest.mark.parametrize("mark", ["@pytest.mark.xfail", "@pytest.mark.skip", "@pytest.mark.skipif(True, reason='x')"])
def test_marks_cannot_turn_a_check_green(judged, mark):
    """Marked as skipped or as expected to fail, a check is unknown, red or green."""
    for body in ("assert seen.status == 404", "assert seen.status == 200"):
        ran = judged(check_that(body, mark + "\n@trial()"))

        assert (ran.having("unknown"), ran.exit_status) == ({"trial.fact"}, 10), ran.output


def test_a_hanging_look_is_unknown_in_its_time(judged):
    """A look that hangs is unknown when its time is up, and holds nothing else up."""
    ran = judged("\ndef hang(api):\n    return api.get('/hang')\n" + check_that("assert seen", "@trial(probe=hang)"), look_seconds=0.5)

    assert (ran.having("unknown"), ran.exit_status) == ({"trial.fact"}, 10)
    assert ran.verdict["duration_seconds"] < 5
    assert "hang brought no answer within 0.5 s" in ran.check("trial.fact")["message"]


def test_looks_that_hang_keep_nothing_from_those_behind_them(judged):
    """More looks than run at once may hang: the others still find a connection, and hold."""
    probe = "\ndef ask_one(api, number):\n    return api.get('/hang' if number < 20 else '/health')\n"
    many = "\n@pytest.mark.parametrize('number', range(40))" + check_that("assert seen.status == 200", "@trial(probe=ask_one)", "seen, number")
    ran = judged(probe + many, look_seconds=0.5)
    held = [check["parameters"] for check in ran.verdict["checks"] if check["outcome"] == "held"]

    assert (held, ran.exit_status) == ([str(number) for number in range(20, 40)], 10), ran.output


def test_a_spent_budget_is_unknown(judged):
    """What was not seen when the gate's budget is spent is unknown, and says so."""
    many = "\n@pytest.mark.parametrize('number', range(8))" + check_that(
        "assert seen", "@trial(probe=hang_on)", "seen, number"
    )
    hang_on = "\ndef hang_on(api, number):\n    return api.get('/hang')\n"
    ran = judged(hang_on + many, "--sequential", look_seconds=0.4, budget_seconds=1)

    assert ran.exit_status == 10
    assert "the gate's budget of 1 s was spent" in ran.output


def test_a_ground_that_does_not_hold_blocks(judged):
    """What stands on a ground that does not hold is blocked and did not look."""
    ran = judged(check_that("assert seen", "@trial(needs=['api.reachable'])"), "--set", "api.base_url=http://127.0.0.1:1")

    assert (ran.having("blocked"), ran.exit_status) == ({"trial.fact"}, 10)
    assert ran.check("trial.fact")["exchanges"] == 0
    assert "CAUSE    api.reachable" in ran.output


def test_what_is_absent_in_writing_is_absent(judged):
    """A check of a table that is absent does not look, and its reason is shown; alone it is no GO."""
    ran = judged("\ndef look(database):\n    return database.ask('ping')\n" + check_that("assert seen", "@trial(probe=look)"))

    assert (ran.having("absent"), ran.exit_status) == ({"trial.fact"}, 11)
    assert "absent   trial.fact: the stub has none" in ran.output


@pytest.mark.parametrize(("kind", "word"), [("writes", "writes"), ("drill", "drills")])
def test_what_the_environment_forbids_is_absent(judged, kind, word):
    """A check that writes or drills does not look where the environment forbids it."""
    ran = judged(check_that("assert seen", f"@trial({kind}=True)"))

    assert ran.having("absent") == {"trial.fact"}
    assert f"stub allows no {word}" in ran.output


def test_soon_is_looked_at_again(judged, tmp_path):
    """A claim that says soon is looked at again until it holds, and the attempts are counted."""
    text = f"\nfrom pathlib import Path\nCOUNT = Path({str(tmp_path / 'count')!r})\n" + '''
def look_again(api):
    COUNT.write_text(str(int(COUNT.read_text()) + 1 if COUNT.exists() else 1))
    api.get("/health")
    return int(COUNT.read_text())
'''
    ran = judged(text + check_that("assert seen >= 3", "@trial(probe=look_again, within=5)"))

    assert (ran.exit_status, ran.check("trial.fact")["attempts"]) == (0, 3), ran.output


def test_soon_ends(judged):
    """A claim that says soon and never holds is refuted when its time is up."""
    ran = judged(check_that("assert seen.status == 404", "@trial(within=2)"))

    assert ran.exit_status == 1
    assert ran.check("trial.fact")["attempts"] > 1


def test_one_look_serves_many_judgements(judged, tmp_path):
    """Checks with the same probe share one look."""
    text = f"\nfrom pathlib import Path\nCOUNT = Path({str(tmp_path / 'count')!r})\n" + '''
def look_once(api):
    COUNT.open("a").write("x")
    return api.get("/health")
'''
    second = check_that("assert seen.status == 200", "@trial('trial.other', probe=look_once)").replace("test_fact", "test_other")
    ran = judged(text + check_that("assert seen.status == 200", "@trial(probe=look_once)") + second)

    assert ran.having("held") == {"trial.fact", "trial.other"}
    assert (tmp_path / "count").read_text() == "x"


def test_a_worker_that_dies_is_not_forgotten(judged):
    """A check whose worker died is unknown."""
    ran = judged(check_that("__import__('os')._exit(9)"), "-n", "1")

    assert ran.exit_status == 10, ran.output
    assert "it was planned and never concluded" in ran.check("trial.fact")["message"]


def test_an_id_that_is_lost_is_void(judged, project):
    """An id of the lock that nobody collected makes the run VOID, and is named."""
    ran = judged(check_that("assert seen.status == 200", "@trial('trial.renamed')"))

    assert ran.exit_status == 11
    assert "trial.fact stands in suites/catalogue.lock and was not collected" in ran.output


def test_a_huge_answer_is_malformed(judged):
    """An answer without an end is cut off and told as such."""
    ran = judged("\nimport fixtures.api\nfixtures.api.LARGEST_ANSWER_BYTES = 4\n" + check_that("assert seen"))

    assert ran.having("unknown") == {"trial.fact"}
    assert "answered more than" in ran.output


def test_a_write_is_stopped_before_the_wire(judged):
    """A probe that would write is stopped by the guard, and named."""
    ran = judged("\ndef write(api):\n    return api.ask('DELETE', '/health')\n" + check_that("assert seen", "@trial(probe=write)"))

    assert ran.having("unknown") == {"trial.fact"}
    assert "DELETE /health was not sent: the gate sends only GET" in ran.output
    assert ran.check("trial.fact")["exchanges"] == 0
