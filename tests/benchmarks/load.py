"""What is asked: so many requests, each answered after the same time, and some of them never."""

from __future__ import annotations

from dataclasses import dataclass

HANG_SECONDS = 0.5  # how long each contender waits for an answer that never comes
PATIENT_SECONDS = 10.0  # and for one that does come, on a machine that is busy
CONCURRENCY = 16


@dataclass(frozen=True)
class Load:
    """So many requests at once or in turn. ``hanging`` of them never get an answer."""

    requests: int
    latency_ms: int
    hanging: int = 0

    @property
    def name(self) -> str:
        """The load in words, without the number of requests."""
        return f"{self.hanging * 100 // self.requests} % hang" if self.hanging else f"{self.latency_ms} ms"

    @property
    def paths(self) -> list[str]:
        """What is asked, the hanging ones evenly among the rest."""
        every = self.requests // self.hanging if self.hanging else self.requests + 1
        return [
            f"/hang/{number}" if number % every == every - 1 else f"/after/{self.latency_ms}/{number}"
            for number in range(self.requests)
        ]

    @property
    def patience_seconds(self) -> float:
        """How long each contender waits for an answer."""
        return HANG_SECONDS if self.hanging else PATIENT_SECONDS

    @property
    def waiting_seconds(self) -> float:
        """All the waiting there is, one request after the other."""
        return (self.requests - self.hanging) * self.latency_ms / 1000 + self.hanging * HANG_SECONDS


def loads(requests: int) -> list[Load]:
    """The loads of a table, from no latency to one in twenty that hangs."""
    return [*(Load(requests, latency_ms) for latency_ms in (0, 10, 50, 100)), Load(requests, 0, requests // 20)]
