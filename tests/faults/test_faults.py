"""Every check has been seen red: each fault refutes exactly the checks that it says, and is gone when it is off."""

import tomllib

import pytest

from environments.standin.faults import REGISTRY
from tests.conftest import ROOT

SMOKE = [fault for fault in REGISTRY if any(id.startswith("smoke.") for id in fault.refutes)]


@pytest.mark.parametrize("fault", SMOKE, ids=lambda fault: fault.name)
def test_each_fault_refutes_what_it_says(gate, fault):
    """The smoke suite refutes exactly these checks, and the verdict is NO-GO with a first step for each."""
    ran = gate("--env=local", "suites/smoke", f"--fault={fault.name}")

    assert ran.having("refuted") == {id for id in fault.refutes if id.startswith("smoke.")}, ran.output
    assert ran.exit_status == 1
    assert all(cause["first_step"] for cause in ran.verdict["causes"] if cause["id"] in fault.refutes)


def test_the_healthy_twin_is_go(gate):
    """After all faults the same stand-in is healthy again."""
    ran = gate("--env=local", "suites/smoke")

    assert ran.exit_status == 0, ran.output


def test_every_check_has_a_fault():
    """No check of the catalogue is without a fault that refutes it."""
    catalogue = tomllib.loads((ROOT / "suites" / "catalogue.lock").read_text("utf-8"))
    promised = {id for ids in catalogue.values() for id in ids}
    refuted = {id for fault in REGISTRY for id in fault.refutes}

    assert promised - refuted == set()
