"""The benchmarks themselves: fair, counted at the server, and told as they were."""

import pytest

from tests.benchmarks import contenders, page, startup, stub
from tests.benchmarks.load import Load
from tests.benchmarks.measure import Cost, Failed
from tests.benchmarks.race import Cell, measured, race, require_all_asked
from tests.benchmarks.startup import Start
from tests.benchmarks.targets import targets

EIGHT_WORKERS = "pytest -n 8"  # as -n 4, and dearer to try


@pytest.fixture
def server():
    """A waiting server of this test."""
    with stub.waiting() as waiting:
        yield waiting


def cells(seconds, load):
    """A cell for each contender that took so long."""
    return [Cell(contender, load, [Cost(seconds[contender.name], 0.1)] * 3) for contender in contenders.EVERYBODY if contender.name in seconds]


@pytest.mark.parametrize("contender", [one for one in contenders.EVERYBODY if one.name != EIGHT_WORKERS], ids=lambda one: one.name)
def test_every_contender_asks_everything(server, tmp_path, contender):
    """Each contender asks each request once, and gives up on the one that hangs."""
    if contender not in contenders.present():
        pytest.skip(f"{contender.name} is not on this machine")
    cost = measured(Cell(contender, Load(6, 10, hanging=1)), server, tmp_path / "run")

    assert cost.wall_seconds > 0.4


def test_who_asks_less_is_found_out(server, tmp_path):
    """A contender that asks less than its load is not measured."""
    cheat = contenders.Contender("cheat", lambda folder, url, _: contenders.curl(folder, url, Load(3, 0)), 16)

    with pytest.raises(Failed, match=r"cheat was to ask 4 requests, of which 0 hang; the server saw .*asked=3"):
        measured(Cell(cheat, Load(4, 0)), server, tmp_path / "run")


def test_who_asks_twice_is_found_out(server):
    """The same request again does not stand for one that was not asked."""
    import httpx

    for _ in range(2):
        httpx.get(f"{server.url}/after/0/0")

    with pytest.raises(Failed, match="distinct=1"):
        require_all_asked(Cell(contenders.EVERYBODY[0], Load(2, 0)), server)


def test_hanging_requests_are_as_many_as_said():
    """One request in twenty hangs, evenly among the rest."""
    paths = Load(200, 0, 10).paths

    assert (len(set(paths)), sum(path.startswith("/hang/") for path in paths)) == (200, 10)
    assert paths[19].startswith("/hang/")


def test_what_is_too_long_is_not_run_and_says_so(server, tmp_path):
    """A cell that cannot be quick by arithmetic is not run, and the table tells its bound."""
    slow = contenders.Contender("slow", contenders.curl, 1)
    raw = contenders.Contender(contenders.RAW, contenders.curl, 16)
    ran = race([raw, slow], [Load(300, 100)], server, tmp_path, rounds=1, say=lambda _: None)

    assert "| slow | not run: ≥ 30 s |" in page.page(page.Findings(1, ran))


def test_who_fails_does_not_end_the_race(server, tmp_path):
    """A contender that fails is told of in its cell, and the others are measured all the same."""
    cheat = contenders.Contender("cheat", lambda folder, url, _: contenders.curl(folder, url, Load(3, 0)), 16)
    raw = contenders.Contender(contenders.RAW, contenders.curl, 16)
    ran = race([cheat, raw], [Load(4, 0)], server, tmp_path, rounds=2, say=lambda _: None)

    assert "| cheat | failed |" in page.page(page.Findings(2, ran))
    assert [len(cell.costs) for cell in ran] == [0, 2]


def test_targets_are_met_or_not():
    """A target is met at its bound and missed above it, and the page says which."""
    seconds = {contenders.RAW: 1.0, contenders.GATE_BARE: 1.6, contenders.GATE_ALLURE: 2.5}
    found = page.Findings(3, cells(seconds, Load(200, 50)), suites_seconds=21.0)

    assert [target.met for target in targets(found.cells, {}, found.suites_seconds)] == [True, False, False]
    assert page.page(found).count("**not met**") == 2


def test_the_start_is_compared_with_its_like():
    """The start-up target is the gate against pytest that makes the same request and writes the same reports."""
    bare, gate = Start(Cost(1.0, 0.5), 1000.0), Start(Cost(1.2, 0.6), 1400.0)
    found = list(targets([], {startup.ASKS_AND_TELLS: bare, startup.GATE_TELLS: gate}, None))

    assert [(target.measured, target.met) for target in found] == [(1.2, True), (1.4, False)]


def test_tables_are_whole():
    """Every row of every table of the page has as many cells as its head."""
    seconds = {contender.name: 1.0 for contender in contenders.EVERYBODY}
    text = page.page(page.Findings(3, cells(seconds, Load(200, 50)), memory_mib={"the gate": 40.0}))
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]

    assert len(blocks) >= 4
    assert all(len({line.count("|") for line in block}) == 1 for block in blocks)
