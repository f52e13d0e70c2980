"""Every way to be green for nothing: open in plain pytest, closed in the gate."""

import pytest

from tests.fail_closed.asked import ASKED
from tests.fail_closed.ended import ENDED
from tests.fail_closed.ways import assert_it_means_what_it_says, in_plain_pytest, in_the_gate
from tests.fail_closed.written import WRITTEN

WAYS = (*WRITTEN, *ASKED, *ENDED)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.title)
def test_what_plain_pytest_gives(way, tmp_path):
    """Plain pytest ends with the status that the table says, which for most ways is 0."""
    assert in_plain_pytest(way, tmp_path) == way.plain


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.title)
def test_it_is_closed_in_the_gate(way, project, tmp_path):
    """The gate ends with a status that is not 0, and with the sentence that says why."""
    ran = in_the_gate(way, project, tmp_path)

    assert_it_means_what_it_says(ran)
    assert (ran.exit_status, way.sentence in " ".join(ran.output.split())) == (way.status, True), ran.output
    assert ran.exit_status != 0
