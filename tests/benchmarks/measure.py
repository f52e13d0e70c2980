"""One command, measured: wall clock, processor seconds of all its processes, memory at its peak, instructions."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 300
SAMPLE_SECONDS = 0.02
AMBIENT = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "MS5_RELEASE")


@dataclass(frozen=True)
class Command:
    """A command line in its folder, and the exit status that shows it did its work."""

    arguments: Sequence[str]
    folder: Path
    ends_with: int = 0


@dataclass(frozen=True)
class Cost:
    """What one run of a command took."""

    wall_seconds: float
    cpu_seconds: float


class Failed(Exception):
    """A contender did not do what it is measured for."""


def cost_of(command: Command) -> Cost:
    """Run a command to its end. Raises Failed when it ends in another way than it must."""
    before, started = used_seconds(), time.monotonic()
    run(command.arguments, command)
    return Cost(time.monotonic() - started, used_seconds() - before)


def run(arguments: Sequence[str], command: Command) -> str:
    """What the arguments say, in the command's folder and to the end that it must have."""
    ran = subprocess.run(
        arguments, cwd=command.folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    if ran.returncode != command.ends_with:
        raise Failed(f"{' '.join(arguments)} ended with {ran.returncode}, not {command.ends_with}:\n{ran.stdout[-2000:]}")
    return ran.stdout


def environment() -> dict[str, str]:
    """The environment without what would change a measurement."""
    return {key: value for key, value in os.environ.items() if key not in AMBIENT}


def used_seconds() -> float:
    """Processor time of every child that has ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# ---- memory --------------------------------------------------------------------------------------------------


def peak_mib(command: Command) -> float:
    """The largest sum of proportional set sizes of the command's processes, in MiB. Runs it once more."""
    process = subprocess.Popen(
        command.arguments, cwd=command.folder, env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        timer = threading.Timer(PATIENCE_SECONDS, process.kill)
        timer.start()
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(pss_kib, tree(process.pid))))
            time.sleep(SAMPLE_SECONDS)
        timer.cancel()
    return peak / 1024


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    children = [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in read(file).split()]
    return [pid, *(below for child in children for below in tree(child))]


def pss_kib(pid: int) -> int:
    """The proportional set size of a process; none for one that has ended."""
    found = re.search(r"^Pss:\s+(\d+) kB", read(Path(f"/proc/{pid}/smaps_rollup")), re.MULTILINE)
    return int(found[1]) if found else 0


def read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError:
        return ""


# ---- instructions --------------------------------------------------------------------------------------------


def can_count_instructions() -> bool:
    """Whether this machine has valgrind."""
    return shutil.which("valgrind") is not None


def instructions_of(command: Command) -> int:
    """The instructions that a command retires, which do not depend on what else the machine does."""
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    told = run([*valgrind, *command.arguments], command)
    counts = [int(count.replace(",", "")) for count in re.findall(r"I\s+refs:\s+([\d,]+)", told)]
    if not counts:
        raise Failed(f"valgrind told no count of instructions: {told[-500:]}")
    return max(counts)  # a fork counts on from where it began, so the child that does the work has them all
