"""Every check has been seen red: each fault refutes exactly the checks that it names, for the reasons that it names."""

import re
import subprocess
import sys

from environments.standin.faults import REGISTRY
from tests.conftest import ROOT
from tests.proof.lock import stale
from tests.proof.plan import catalogue_of

PATIENCE_SECONDS = 500


def test_the_checks_are_proven(kept_up):
    """Every fault that a check claims to see is seen, the healthy twins are GO before and after, and no check is vacuous."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.proof", "--dry", f"--standin={kept_up.folder}"],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"proof: \d\d+ faults in \d+ s: nothing wrong, 0 unproven or vacuous", ran.stdout)


def test_the_lock_is_current():
    """Each check of the catalogue is proven as it stands, by all the faults that name it."""
    assert list(stale(ROOT)) == []


def test_every_check_that_exists_has_words():
    """A fault says why each check that exists turns red by it; only proposals have no words."""
    promised = {id for ids in catalogue_of(ROOT).values() for id in ids}
    wordless = {(fault.name, id) for fault in REGISTRY for id, words in fault.refutes.items() if id in promised and not words.strip()}

    assert wordless == set()


def test_words_are_alike_in_every_run():
    """No port, no time and no address of a run stands in the words of a reason."""
    passing = [(fault.name, words) for fault in REGISTRY for words in fault.refutes.values() if re.search(r"\d{4}|:\d|127\.", words)]

    assert passing == []
