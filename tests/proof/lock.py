"""``suites/proof.lock``: what is written after a proof, and whether what stands there is still true."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from environments.standin.faults import FAULTS, REGISTRY
from fixtures.proof import LOCK, NoProof, Proof, lock_text, proven, source_in
from tests.proof.judging import Result
from tests.proof.plan import Catalogue, catalogue_of


def sources_in(root: Path) -> dict[str, str]:
    """The present source of each check whose id is written out, by id."""
    return {
        id: source_in(file, node.name)
        for file in sorted((root / "suites").glob("*/**/test_*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        for id in ids_on(node)
    }


def ids_on(judgement: ast.FunctionDef) -> Iterator[str]:
    """The id that a ``@check("…")`` gives."""
    for decorator in judgement.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str(id)), *_]):
                yield id


def before(root: Path, *, begin: bool) -> Mapping[str, Proof]:
    """The proofs that were. Where they cannot be read, none, and a lock to ``begin`` with: without one, a gate is VOID."""
    try:
        return proven(root)
    except NoProof as problem:
        if not begin:
            raise
        print(f"proof: {problem.args[0].partition(':')[0]}; begun anew", flush=True)
        (root / LOCK).write_text(lock_text({}), "utf-8")
        return {}


def renewed(old: Mapping[str, Proof], results: list[Result], sources: Mapping[str, str]) -> dict[str, Proof]:
    """The proofs by id: what was seen now, and what was seen before of the same source and was not tried now."""
    tried = {result.trial.name for result in results}
    seen: dict[str, set[str]] = {}
    for result in results:
        for id in () if result.findings else result.trial.expected:
            seen.setdefault(id, set()).add(result.trial.name)
    for id, proof in old.items():
        if proof.source == sources.get(id):
            seen.setdefault(id, set()).update(name for name in proof.faults if name not in tried and claims(name, id))
    return {id: Proof(sources[id], tuple(sorted(faults))) for id, faults in seen.items() if faults and id in sources}


def claims(name: str, id: str) -> bool:
    """Whether there is such a fault and it names the check."""
    return name in FAULTS and id in FAULTS[name].refutes


def write(root: Path, proofs: Mapping[str, Proof], catalogue: Catalogue) -> None:
    """Write the lock, for the checks of the catalogue."""
    by_suite = {suite: {id: proofs[id] for id in ids if id in proofs} for suite, ids in catalogue.items()}
    (root / LOCK).write_text(lock_text(by_suite), "utf-8")


def stale(root: Path) -> Iterator[str]:
    """What is not proven as it stands, in a sentence each: nothing, when the lock is current."""
    try:
        proofs = proven(root)
    except NoProof as problem:
        yield str(problem)
        return
    sources = sources_in(root)
    promised = {id for ids in catalogue_of(root).values() for id in ids}
    for id in sorted(promised | set(proofs)):
        if problem := wrong_with(id, proofs.get(id), sources.get(id), promised=id in promised):
            yield problem


def wrong_with(id: str, proof: Proof | None, source: str | None, *, promised: bool) -> str:
    """Why a check is not proven as it stands; nothing where it is."""
    named = {fault.name for fault in REGISTRY if id in fault.refutes}
    if not promised:
        return f"{id} is proven and does not stand in suites/catalogue.lock: run `make proof`"
    if source is None:
        return f'{id} is nowhere declared as @check("{id}", …): write its id out'
    if not named:
        return f"{id} has no fault: add one to environments/standin/faults.py that turns it red"
    if proof is None:
        return f"{id} is unproven: run `make proof`"
    if proof.source != source:
        return f"{id} has changed since it was proven: run `make proof`"
    if named != set(proof.faults):
        return f"{id} was proven by {', '.join(proof.faults)}, and is named by {', '.join(sorted(named))}: run `make proof`"
    return ""
