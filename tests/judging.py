"""The text of a suite of a test's own: one that the fixture ``judged`` has the gate judge."""

from __future__ import annotations

HEAD = '''
import pytest
from fixtures.check import Severity, check
from fixtures.errors import Absent, Unreachable

def ask(api):
    return api.get("/health")

def trial(id="trial.fact", probe=ask, **facts):
    return check(id, **{"severity": Severity.CRITICAL, "claims": ["api.health"], "probe": probe, **facts})
'''

DOCSTRING = '''
    """It is so.

    If red: look.
    """
'''


def check_that(body: str, decorator: str = "@trial()", arguments: str = "seen") -> str:
    """A check whose judgement is ``body``."""
    return f"\n{decorator}\ndef test_fact({arguments}):{DOCSTRING}    {body}\n"
