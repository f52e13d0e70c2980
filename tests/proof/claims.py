"""docs/claims.md: each claim of the ledger with the checks that test it and the faults that prove them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fixtures.claims import LATER, Claim, ledger
from fixtures.proof import Proof, proven

PAGE = Path("docs") / "claims.md"
HEAD = """\
# Claims

What was promised of a deployment (`environments/claims.toml`), and what stands behind each promise here. A claim is
*proven* when a check tests it that was seen red by a fault; otherwise it is UNPROVEN, and no green says anything about it.
Of a run, `verdict.json` says for each claim whether it is held, refuted, unknown, UNPROVEN or absent. Written by
`make proof`.
"""


def text_of(root: Path) -> str:
    """The page, from the catalogue as pytest collects it and from the lock."""
    checks, proofs, claims = catalogue(root), proven(root), ledger(root)
    now, later = ([claim for claim in claims if (claim.wave == LATER) is late] for late in (False, True))
    done = sum(bool(tested_by(claim, checks, proofs)) for claim in now)
    parts = [HEAD, f"\n{done} of {len(now)} claims are proven; {len(later)} come later.\n", table(now, checks, proofs)]
    return "".join((*parts, "\n## Later\n\nThese are UNPROVEN until their checks come, and fail nothing.\n", table(later, checks, proofs)))


def catalogue(root: Path) -> list[Mapping[str, Any]]:
    """Every check, as `--catalogue --json` prints it."""
    command = [sys.executable, "-m", "pytest", "--env=local", "--catalogue", "--json", "-q", "suites", "--out=reports/out/catalogue"]
    printed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout
    found: list[Mapping[str, Any]] = json.loads(printed[printed.index("[\n") : printed.rindex("\n]") + 2])
    return found


def tested_by(claim: Claim, checks: list[Mapping[str, Any]], proofs: Mapping[str, Proof]) -> dict[str, Proof]:
    """The proven checks of a claim."""
    return {check["id"]: proofs[check["id"]] for check in checks if claim.id in check["claims"] and check["id"] in proofs}


def table(claims: list[Claim], checks: list[Mapping[str, Any]], proofs: Mapping[str, Proof]) -> str:
    """Claims, a line each."""
    lines = ["", "| claim | what was promised | kind | checks, and how many faults each was seen red by |", "|---|---|---|---|"]
    for claim in claims:
        tested = tested_by(claim, checks, proofs)
        told = ", ".join(f"`{id}` ({len(proof.faults)})" for id, proof in sorted(tested.items())) or "UNPROVEN"
        lines.append(f"| `{claim.id}` | {claim.text} | {claim.kind} | {told} |")
    return "\n".join(lines) + "\n"
