"""What a fault is, and how a row of the registry is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from environments.standin.acts import Act

# The ids of a row: each with words that its refutation says, or, while there is no such check yet, ids and spaces.
Refutes = Mapping[str, str] | str
Row = tuple[str, str, Refutes, str, *tuple[Act, ...]]


@dataclass(frozen=True)
class Fault:
    """One named fault; `what` is a sentence on what is wrong with such a deployment.

    `refutes` has the id of each check that must turn red by it, with words of the reason; without words it is a proposal,
    whose check does not exist yet.
    """

    name: str
    what: str
    refutes: Mapping[str, str]
    touches: tuple[str, ...]
    acts: tuple[Act, ...]


def fault(name: str, what: str, refutes: Refutes, touches: str, *acts: Act) -> Fault:
    """A row of the registry; subjects are separated by spaces."""
    reasons = dict.fromkeys(refutes.split(), "") if isinstance(refutes, str) else dict(refutes)
    return Fault(name, what, reasons, tuple(touches.split()), acts)
