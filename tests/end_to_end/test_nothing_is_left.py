"""However a gate ends, nothing of its stand-in is left: no process."""

import os
import signal
import time
from pathlib import Path

import pytest


def processes_in(session):
    """The processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def supervisor_of(pid):
    """The supervisor that a gate started below its warden: the only process there with a session of its own."""
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        gates = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[1] in gates and int(fields[3]) == int(stat.parent.name):
                return int(stat.parent.name)
        time.sleep(0.05)
    pytest.fail("the gate started no supervisor")


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_seconds", [0.5, 3.5], ids=["while-starting", "while-looking"])
def test_an_ended_gate_leaves_no_process(bare_gate, ending, after_seconds):
    """A signal to the gate, at its start or later, ends the whole stand-in within seconds."""
    process = bare_gate.start("--env=local", "suites/smoke")
    supervisor = supervisor_of(process.pid)
    time.sleep(after_seconds)
    assert processes_in(supervisor)
    os.kill(process.pid, ending)
    process.communicate(timeout=30)

    ends_at = time.monotonic() + 15
    while processes_in(supervisor):
        assert time.monotonic() < ends_at, f"still there: {processes_in(supervisor)}"
        time.sleep(0.1)
