"""Names of what stands in no registry of ours: `MODULE:NAME` is NAME in the registry of the same kind in that module.

So somebody can break a stand-in, or make it lie, in a way that is no part of the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TypeVar

Entry = TypeVar("Entry")


def entry(name: str, kind: str, ours: Mapping[str, Entry]) -> Entry:
    """What `ours` has by this name, or that module's `kind`. Raises `KeyError`, `ImportError` or `AttributeError`."""
    module, _, short = name.rpartition(":")
    registry: Mapping[str, Entry] = getattr(import_module(module), kind) if module else ours
    return registry[short]
