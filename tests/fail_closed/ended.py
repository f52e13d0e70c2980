"""Ways in which code ends the process, wherever it runs: at import, in a probe, in a judgement, at exit."""

from tests.fail_closed.ways import Way

LEAVE = "__import__('os')._exit(0)"
BEFORE_A_VERDICT = "before it had a verdict: its record says VOID"
IN_A_THREAD = "import os, threading\nthreading.Timer(0.05, lambda: os._exit(0)).start()\nimport time\n"

ENDED = (
    Way("os._exit(0) at import", 0, 11, BEFORE_A_VERDICT, top=LEAVE),
    Way("os._exit(0) in a judgement", 0, 11, BEFORE_A_VERDICT, body=LEAVE),
    Way("os._exit(0) in a library below Python", 0, 11, BEFORE_A_VERDICT, body="__import__('ctypes').CDLL(None)._exit(0)"),
    Way("os._exit(0) in a thread", 0, 11, BEFORE_A_VERDICT, top=IN_A_THREAD, body="time.sleep(2)"),
    Way("os._exit(0) at exit", 0, 1, "REFUTED trial.fact", top="import atexit, os\natexit.register(os._exit, 0)"),
    Way("becomes another program", 0, 11, BEFORE_A_VERDICT, body="__import__('os').execv('/bin/true', ['true'])"),
    Way("sys.exit(0) at import", 3, 3, "SystemExit", top="raise SystemExit(0)"),
    Way("sys.exit(0) in a judgement", 1, 10, "SystemExit", body="raise SystemExit(0)"),
    Way("kills itself", -9, 11, "was ended by SIGKILL before it had a verdict", body="__import__('os').kill(__import__('os').getpid(), 9)"),
    Way("a crash of the interpreter", -11, 11, "was ended by SIGSEGV before it had a verdict", body="__import__('ctypes').string_at(0)"),
    Way("a worker that dies", 1, 10, "it was planned and never concluded", body=LEAVE, arguments=("-n", "1")),
    Way("a worker that dies at import", 5, 5, "nothing collected", top=LEAVE, arguments=("-n", "1")),
)  # fmt: skip
