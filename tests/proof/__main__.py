"""Prove the checks: ``python -m tests.proof [FAULT…]`` breaks a stand-in in every way and watches which checks turn red."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from environments.standin import client
from environments.standin.client import StandIn, StandInFailed
from environments.standin.faults import UnknownFault
from environments.standin.groups import needed_by
from tests.proof import gates, matrix
from tests.proof.judging import Result
from tests.proof.lies import Lies, told_to
from tests.proof.plan import Plan, Trial, catalogue_of, plan_of, without
from tests.proof.spots import vacuous

ROOT = Path(__file__).parents[2]
SHOWN_LINES = 30


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="only these (default: all that a check claims to see)")
    parser.add_argument("--full", action="store_true", help="every suite against every fault")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="stand-ins at once (default: one a core)")
    parser.add_argument("--standin", type=Path, action="append", metavar="FOLDER", help="use the stand-in that is kept up there")
    parser.add_argument("--check", action="store_true", help="is suites/proof.lock current? nothing is run")
    parser.add_argument("--dry", action="store_true", help="write neither suites/proof.lock nor docs/proof.md")
    parser.add_argument("--max", type=int, default=400, metavar="N", help="mutations of one observation at most")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything that was tried is proven, 1 when not, 2 when it could not be tried."""
    options = parser().parse_args(arguments)
    os.chdir(ROOT)
    if options.check:
        return check()
    try:
        plan = plan_of(catalogue_of(ROOT), options.faults, full=options.full)
        with tempfile.TemporaryDirectory(prefix="ms5-proof-") as folder, standins_of(options, plan) as standins:
            return prove(options, plan, standins, Path(folder))
    except (StandInFailed, UnknownFault) as problem:
        print(f"proof: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("proof: interrupted; nothing was written", file=sys.stderr)
        return 2


def check() -> int:
    """Say what is not proven as it stands."""
    from tests.proof.lock import stale

    problems = list(stale(ROOT))
    print("\n".join(problems) or "every check is proven as it stands")
    return 1 if problems else 0


@contextmanager
def standins_of(options: argparse.Namespace, plan: Plan) -> Iterator[list[StandIn]]:
    """Those that are kept up, or as many of our own as there are jobs."""
    if options.standin:
        yield [client.attach(folder) for folder in options.standin]
        return
    number = max(1, min(options.jobs, len(plan.faults)))
    print(f"proof: {len(plan.faults)} faults, {number} stand-ins", flush=True)
    with matrix.kept_up(number, needed_by(plan.suites)) as standins:
        yield standins


def prove(options: argparse.Namespace, plan: Plan, standins: Sequence[StandIn], folder: Path) -> int:
    """Run the plan, tell it as it goes, write what is proven."""
    from tests.proof import claims, lock, page

    began = time.monotonic()
    old = lock.before(ROOT, begin=not options.dry)
    gates.warm_up()
    plan, elsewhere = provable(plan, standins[0].groups())
    results = matrix.run(plan, standins, folder, tell)
    lies = lies_about(options, plan, standins, folder)
    proofs = lock.renewed(old, results, lock.sources_in(ROOT))
    seconds = time.monotonic() - began
    whole = not options.faults and not options.dry
    if not options.dry:
        lock.write(ROOT, proofs, catalogue_of(ROOT))
    if whole:
        told = page.Told(plan, results, elsewhere, proofs, catalogue_of(ROOT), lies.looks, seconds)
        (ROOT / page.PAGE).write_text(page.text_of(told), "utf-8")
        (ROOT / claims.PAGE).write_text(claims.text_of(ROOT), "utf-8")
    problems = [*lies.trouble, *(f"{id} is vacuous: no change of what it saw refutes it" for id in vacuous(lies.looks))]
    problems += [f"{name} is not provable here: {why}" for name, why in elsewhere.items() if "CI" in os.environ]
    return summary(results, [*problems, *(lock.stale(ROOT) if whole else ())], seconds)


def provable(plan: Plan, states: Mapping[str, str]) -> tuple[Plan, dict[str, str]]:
    """The part of the plan that this machine has what it takes for, and why it has not for each other fault."""
    elsewhere = {trial.name: why for trial in plan.faults if (why := without(trial, states))}
    for name, why in elsewhere.items():
        print(f"not provable here  {name}: {why}", flush=True)
    return replace(plan, faults=tuple(trial for trial in plan.faults if trial.name not in elsewhere)), elsewhere


def lies_about(options: argparse.Namespace, plan: Plan, standins: Sequence[StandIn], folder: Path) -> Lies:
    """The second proof, of the first stand-in's last healthy run; none where only some faults are tried."""
    if options.faults:
        return Lies({}, ())
    seen = matrix.folder_of(Trial("healthy again 0", (), {}), folder / "0") / "observations.jsonl"
    lies = told_to(plan.suites, standins[0], seen, folder, options.max)
    print(f"proof: {sum(len(look['mutations']) for look in lies.looks.values())} lies about {len(lies.looks)} looks", flush=True)
    return lies


def tell(result: Result) -> None:
    """One line a trial, and one below it for each thing that is wrong."""
    mark = "WRONG" if result.findings else "again" if result.at_first else "ok"
    print(f"{mark:6} {result.seconds:5.1f} s  {result.trial.name}", flush=True)
    for finding in result.findings or result.at_first:
        print(f"{'':16}{finding.kind}: {finding.sentence}", flush=True)


def summary(results: Sequence[Result], problems: Sequence[str], seconds: float) -> int:
    """The last lines and the exit status."""
    wrong = [result for result in results if result.findings]
    for result in wrong:
        if any(finding.kind == "gate" for finding in result.findings):
            print("\n".join([f"---- {result.trial.name}, the end of its output", *result.output.splitlines()[-SHOWN_LINES:]]))
    print("".join(f"WRONG  {sentence}\n" for sentence in problems), end="")
    kinds = Counter(finding.kind for result in wrong for finding in result.findings)
    told = ", ".join(f"{number} {kind}" for kind, number in kinds.items()) or "nothing wrong"
    faults, repeated = (sum(map(bool, of)) for of in ([r.trial.fault for r in results], [r.at_first for r in results]))
    print(f"proof: {faults} faults in {seconds:.0f} s: {told}, {len(problems)} unproven or vacuous, {repeated} repeated")
    return 1 if wrong or problems else 0


if __name__ == "__main__":
    sys.exit(main())
