"""Samples in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True)
class Sample:
    """One value of one series."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        labels = ",".join(f'{name}="{value}"' for name, value in self.labels.items())
        return f"{self.name}{{{labels}}} {self.value}" if labels else f"{self.name} {self.value}"


def text(samples: Iterable[Sample]) -> str:
    """All samples; those of one name must stand together. A name that ends in `_total` is a counter's."""
    return "".join(f"{line}\n" for line in lines(samples))


def lines(samples: Iterable[Sample]) -> Iterator[str]:
    for name, found in groupby(samples, lambda sample: sample.name):
        yield f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"
        yield from (sample.line for sample in found)
