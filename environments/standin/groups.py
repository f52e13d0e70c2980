"""Which parts of a stand-in are started together, and which suite needs which.

The core is always up and all that "ready" waits for. The other groups start beside it, for those who want them.
"""

from __future__ import annotations

from collections.abc import Iterable

CORE = "core"
GROUPS = ("workers", "prometheus", "monitoring", "backup")
STANDS_ON = {"monitoring": frozenset({"prometheus"})}
# What a suite needs beside the core, by its name. What stands here for a subject also holds for the faults that touch it.
NEEDED_BY = {
    "smoke": frozenset({"workers", "prometheus"}),  # that Prometheus is ready, not what it looks at
    "workers": frozenset({"workers"}),
    "monitoring": frozenset({"monitoring"}),
    "host": frozenset({"monitoring"}),
    "backup": frozenset({"backup"}),
}


def needed_by(subjects: Iterable[str]) -> frozenset[str]:
    """The groups beside the core that suites of these names need."""
    return frozenset[str]().union(*(NEEDED_BY.get(subject, frozenset()) for subject in subjects))


def with_what_they_stand_on(groups: Iterable[str]) -> frozenset[str]:
    """The groups and those that they cannot do without."""
    groups = frozenset(groups)
    return groups.union(*(STANDS_ON.get(group, frozenset()) for group in groups))
