"""A small sample of the kill campaign; ``make kills`` runs all of it."""

from tests.kills.__main__ import campaign, table
from tests.kills.campaign import PHASES, Left, torn


def test_what_is_killed_leaves_nothing_wrong():
    """A dozen gates ended by force leave no GO, no torn report, and a folder in which the next run is GO."""
    left = campaign(12, together=1, seed=7)

    assert [one for one in left if one.wrong] == []
    assert len(left) == 12


def test_the_campaign_sees_what_is_torn(tmp_path):
    """A report that is cut off is found: the campaign can fail."""
    (tmp_path / "allure-results").mkdir()
    (tmp_path / "allure-results" / "1-result.json").write_text('{"name": "a')
    (tmp_path / "junit.xml").write_text("<testsuites><testsuite")
    (tmp_path / "observations.jsonl").write_text('{"look"\n{"look": 1}\n')

    assert len(list(torn(tmp_path))) == 3


def test_the_campaign_forgives_a_last_line_only(tmp_path):
    """Of the observations a last line may be cut off, since each is written as it comes."""
    (tmp_path / "observations.jsonl").write_text('{"look": 1}\n{"loo')

    assert list(torn(tmp_path)) == []


def test_the_figures_name_every_phase():
    """The table has a line for each phase, and counts what is wrong."""
    text = table([Left("warden", "look", -9), Left("gate", "judge", 11, ("torn",))])

    assert all(f"\n{phase}" in text for phase in PHASES)
    assert "2 gates ended by force, 1 left something wrong" in text
