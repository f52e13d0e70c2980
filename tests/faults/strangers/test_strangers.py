"""What strangers broke and the gate was not written for: each fault has its fate, and keeps it."""

import pytest

from tests.conftest import ROOT
from tests.faults.strangers import application, background, door, stores

FAULTS = {name: fault for module in (door, application, stores, background) for name, fault in module.FAULTS.items()}
CAUGHT = {name: fault for name, fault in FAULTS.items() if fault.caught_by}
LEFT = {name: fault for name, fault in FAULTS.items() if not fault.caught_by}


def fates(faults):
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


@fates(CAUGHT)
def test_what_smoke_learnt_it_keeps(gate, fault):
    """A stranger's fault that smoke catches is refuted by exactly the checks recorded."""
    ran = gate("--env=local", "suites/smoke", f"--fault={fault.name}")

    assert ran.having("refuted") - fault.by_chance == fault.caught_by, ran.output
    assert ran.exit_status == 1


@fates(LEFT)
def test_what_smoke_leaves_it_leaves_for_a_reason(gate, fault):
    """A fault that smoke misses is GO, and recorded is whose it is: whoever catches it says so here."""
    ran = gate("--env=local", "suites/smoke", f"--fault={fault.name}")

    assert ran.exit_status == 0, ran.output
    assert fault.left_to


def test_the_healthy_twin_is_go(gate):
    """After all strangers the same stand-in is healthy again."""
    ran = gate("--env=local", "suites/smoke")

    assert ran.exit_status == 0, ran.output


def test_every_stranger_is_told_of():
    """The list that people read has every fault, and no other."""
    rows = (ROOT / "docs" / "strangers.md").read_text("utf-8").splitlines()
    told = [row.split("|")[1].strip() for row in rows if row.startswith("| ")][1:]

    assert sorted(told) == sorted(FAULTS)
