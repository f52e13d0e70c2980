"""A report that cannot be written: whatever was being written when the room was used up, it is no GO."""

import resource
import subprocess
from contextlib import contextmanager

import pytest

from tests import stub
from tests.conftest import Gate, Ran
from tests.fail_closed.ways import STALE, Way, assert_it_means_what_it_says, gate_suite, stale

HEALTHY = Way("all holds", 0, 0, body="assert seen.status == 200")
LARGEST_FILE_BYTES = [200, 400, 700, 1000]  # the greatest report of a run of two checks has more
KIBIBYTES_LEFT = [0, 4, 8, 12, 16, 24, 32]


def judge(project, tmp_path, out, limit=None):
    """Judge a target of which all holds, and write the reports to ``out``."""
    (project / "suites" / "trial" / "test_trial.py").write_text(gate_suite(HEALTHY))
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact", "trial.other"]\n')
    with stub.serving() as url:
        command = Gate(out).command(f"--env={stub.environment(tmp_path / 'stub', url)}", "suites/trial")
        ran = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False, preexec_fn=limit)
    return Ran(ran.returncode, ran.stdout + ran.stderr, out)


def test_with_room_enough_it_is_go(project, tmp_path):
    """What the others are compared with is GO."""
    ran = judge(project, tmp_path, stale(tmp_path / "out"))

    assert ran.exit_status == 0, ran.output
    assert_it_means_what_it_says(ran)


@pytest.mark.parametrize("largest", LARGEST_FILE_BYTES)
def test_a_file_that_may_not_grow(project, tmp_path, largest):
    """Files may not grow beyond a few bytes: whichever report is cut off first, the run is VOID and says where."""
    ran = judge(project, tmp_path, stale(tmp_path / "out"), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)))

    assert ran.exit_status == 11, ran.output
    assert "cannot be written (File too large)" in ran.output
    assert_it_means_what_it_says(ran)


def test_no_room_at_all(project, tmp_path):
    """Where not even a temporary file can be made, pytest itself breaks before it knows of us: no GO, and no NO-GO."""
    ran = judge(project, tmp_path, stale(tmp_path / "out"), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))

    assert ran.exit_status != 0
    assert ran.verdict["run"] == STALE


@contextmanager
def mounted(folder, kibibytes):
    """A file system of a few pages, where this machine lets us mount one."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("left", KIBIBYTES_LEFT)
def test_a_full_disk(project, tmp_path, left):
    """A disk with no or a few pages left is never GO unless every report of the run stands in it."""
    with mounted(tmp_path / "small", 64) as disk:
        out = stale(disk / "out")
        (disk / "filler").write_bytes(b"x" * 1024 * (64 - 8 - left))
        ran = judge(project, tmp_path, out)

        assert ran.exit_status in {0, 11}, ran.output
        assert_it_means_what_it_says(ran)


def test_a_folder_that_cannot_be_made(project, tmp_path):
    """A folder below a file is none, and the sentence names it."""
    (tmp_path / "file").write_text("")
    ran = judge(project, tmp_path, tmp_path / "file" / "out")

    assert ran.exit_status == 11, ran.output
    assert "VOID a report cannot be written" in " ".join(ran.output.split())


@pytest.mark.parametrize("name", ["junit.xml", "allure-results", "observations.jsonl", ".lock"])
def test_a_report_whose_place_is_taken(project, tmp_path, name):
    """Where a report of that name cannot be written, since something else stands there, the run is no GO."""
    out = stale(tmp_path / "out")
    if name == "allure-results":
        (out / name).write_text("a file where a folder should be")
    else:
        (out / name / "taken").mkdir(parents=True)
    ran = judge(project, tmp_path, out)

    assert_it_means_what_it_says(ran)
    assert ran.exit_status in {3, 11} or (name == "allure-results" and (out / name).is_dir()), ran.output

