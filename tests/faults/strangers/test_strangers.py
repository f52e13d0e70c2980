"""What strangers broke and the gate was not written for: each fault has its fate, and keeps it."""

import pytest

from tests.conftest import ROOT
from tests.faults.strangers import application, background, door, stores

FAULTS = {name: fault for module in (door, application, stores, background) for name, fault in module.FAULTS.items()}
CAUGHT = {name: fault for name, fault in FAULTS.items() if fault.caught_by}
LEFT = {name: fault for name, fault in FAULTS.items() if not fault.caught_by}


@pytest.mark.parametrize("fault", CAUGHT.values(), ids=CAUGHT.keys())
def test_what_smoke_learnt_it_keeps(gate, fault):
    """A stranger's fault that smoke catches is refuted by exactly the checks recorded."""
    ran = gate("--env=local", "suites/smoke", f"--fault={fault.name}")

    assert ran.having("refuted") - fault.by_chance == fault.caught_by, ran.output
    assert ran.exit_status == 1


def test_what_smoke_leaves_it_misses(gate):
    """All that smoke leaves to others, at once, is GO: whoever makes it see one of them records that."""
    ran = gate("--env=local", "suites/smoke", f"--fault={','.join(fault.name for fault in LEFT.values())}")

    assert ran.exit_status == 0, ran.output


def test_what_smoke_leaves_is_somebodys():
    """Every fault that smoke misses says which suite is to catch it, and why smoke does not."""
    assert {name for name, fault in LEFT.items() if not fault.left_to} == set()


def test_the_healthy_twin_is_go(gate):
    """After all strangers the same stand-in is healthy again."""
    ran = gate("--env=local", "suites/smoke")

    assert ran.exit_status == 0, ran.output


def test_every_stranger_is_told_of():
    """The list that people read has every fault, and no other."""
    rows = (ROOT / "docs" / "strangers.md").read_text("utf-8").splitlines()
    told = [row.split("|")[1].strip() for row in rows if row.startswith("| ")][1:]

    assert sorted(told) == sorted(FAULTS)
