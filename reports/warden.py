"""The warden: the gate runs in a process of its own, and only an answer that the gate itself gave is passed on.

Code under judgement, or a library below it, can end a process with status 0 at any moment: `os._exit(0)` in a check, a
handler at exit, a crash. So the process that a pipeline waits for does nothing but wait: it forks before anything is
looked at, and the gate hands it the verdict's exit status over a pipe as its last act. An end without that is VOID,
which is what the record says too. Nothing that is left behind in the gate's process can delay the answer.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Generator
from contextlib import suppress
from typing import NoReturn

import pytest

from reports.verdict import Word

# A run as a hook wrapper: it yields once, is sent pytest's exit status, and returns its own.
Steps = Generator[None, int | None, int | None]

ORDERS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
HEARD = {*ORDERS, signal.SIGCHLD}
PATIENCE_SECONDS = 30.0  # after an order to end, before the gate's process is ended by force: a stand-in takes its time
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Steps:
    """Have the run of a gate guarded; leave a run without a target alone."""
    if hasattr(config, "workerinput") or not config.getoption("env", None):
        return (yield)
    line = divide()
    try:
        status = yield
    except pytest.UsageError as problem:
        print(*(f"ERROR: {sentence}\n" for sentence in problem.args), file=sys.stderr)
        status = Word.USAGE.exit_status
    except BaseException:  # noqa: BLE001 - whatever breaks must not decide the exit status
        traceback.print_exc()
        status = Word.INTERNAL_ERROR.exit_status
    with suppress(Exception):
        config._ensure_unconfigure()  # noqa: SLF001 - what pytest itself does last
    answer(line, Word.INTERNAL_ERROR.exit_status if status is None else int(status))


def divide() -> int:
    """Go on in a process of its own, with the line to answer on; the one that was started stays here and waits."""
    flush()
    ours, theirs = os.pipe()
    warden = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    gate = os.fork()
    if gate:
        os.close(theirs)
        os._exit(wait(gate, ours))
    os.close(ours)
    end_with(warden)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    return theirs


def end_with(warden: int) -> None:
    """Have the kernel kill this process when the warden is killed: a verdict that nobody waits for is none."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != warden:
        os.kill(os.getpid(), signal.SIGKILL)


def answer(line: int, status: int) -> NoReturn:
    """Hand over the exit status and end at once: no thread and no handler at exit can hold it up or change it."""
    flush()
    os.write(line, bytes([status]))
    os._exit(status)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads any more; the record stands in its file
            stream.flush()


# ---- the process that waits ----------------------------------------------------------------------------------


def wait(gate: int, line: int) -> int:
    """Wait for the gate's end, pass orders on; the exit status."""
    ordered = False
    while True:
        heard = signal.sigtimedwait(HEARD, PATIENCE_SECONDS) if ordered else signal.sigwaitinfo(HEARD)
        if heard is None:
            os.kill(gate, signal.SIGKILL)
        elif heard.si_signo in ORDERS:
            ordered = True
            pass_on(heard, gate)
        ended, status = os.waitpid(gate, os.WNOHANG)
        if ended:
            return told(os.waitstatus_to_exitcode(status), line)


def pass_on(order: signal.struct_siginfo, gate: int) -> None:
    """A terminal tells every process of its group; anyone else told only this one."""
    if order.si_code <= 0:  # SI_USER and its kind: sent by a process, not by the kernel
        os.kill(gate, order.si_signo)


def told(code: int, line: int) -> int:
    """The exit status that the gate gave, if it gave one and ended with it."""
    os.set_blocking(line, False)
    with suppress(BlockingIOError):  # somebody it started still holds the other end
        if os.read(line, 2) == bytes([code & 0xFF]):
            return code
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended itself with exit status {code}"
    print(f"VOID  the gate {how} before it had a verdict: its record says VOID", flush=True)
    return Word.VOID.exit_status
