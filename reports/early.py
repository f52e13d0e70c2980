"""Ends a run that was decided before pytest had anything to do: a question about the environment, a folder that
cannot be written. The gate's wrapper decides; this answers in pytest's place, so that nothing is collected.
"""

from __future__ import annotations

import pytest

DECIDED = pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """The exit status that stands already, if one does."""
    return config.stash.get(DECIDED, None)
