"""What the application tells Prometheus: counts of what really happened, in the text format."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse

from environments.standin.app.floor_metrics import Family, backup_lines, families, floor_lines

BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
router = APIRouter()


@dataclass
class Histogram:
    """Durations in buckets; the last bucket takes what is longer than all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_SECONDS) + 1))
    total_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS_SECONDS, seconds)] += 1
        self.total_seconds += seconds

    def lines(self, name: str, labels: str) -> Iterator[str]:
        reached = 0
        for bound, count in zip([*map(str, BUCKETS_SECONDS), "+Inf"], self.counts, strict=True):
            reached += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {reached}'
        yield f"{name}_sum{{{labels}}} {self.total_seconds:.6f}"
        yield f"{name}_count{{{labels}}} {reached}"


@dataclass
class Metrics:
    """The counters of one replica; `latencies` are those of WebSocket messages."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    durations: defaultdict[tuple[str, str], Histogram] = field(default_factory=lambda: defaultdict(Histogram))
    totals: Counter[str] = field(default_factory=Counter)
    latencies: Histogram = field(default_factory=Histogram)
    active_connections: int = 0

    def count(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """One answered request; its route, not its path, which has no end of values."""
        method, endpoint = scope.get("method", "GET"), route(scope)
        self.requests[method, endpoint, status] += 1
        self.durations[method, endpoint].add(seconds)

    def lines(self) -> Iterator[str]:
        yield "# TYPE http_requests_total counter"
        for (method, endpoint, status), count in self.requests.items():
            yield f'http_requests_total{{method="{method}",endpoint="{endpoint}",status="{status}"}} {count}'
        yield "# TYPE http_request_duration_seconds histogram"
        for (method, endpoint), histogram in self.durations.items():
            yield from histogram.lines("http_request_duration_seconds", f'method="{method}",endpoint="{endpoint}"')
        yield "# TYPE ms5_websocket_active_connections gauge"
        yield f"ms5_websocket_active_connections {self.active_connections}"
        yield "# TYPE ms5_websocket_message_latency_seconds histogram"
        yield from self.latencies.lines("ms5_websocket_message_latency_seconds", 'stage="delivery"')
        for name in TOTALS:
            yield f"# TYPE {name} counter"
            yield f"{name} {self.totals[name]}"


LOGIN_FAILED = "ms5_auth_login_failed_total"
UNAUTHORIZED = "ms5_auth_unauthorized_access_total"
CONNECTION_ERRORS = "ms5_websocket_connection_errors_total"
SUSPICIOUS = "ms5_auth_suspicious_activity_total"  # forged tokens, tries at locked accounts
TOTALS = (LOGIN_FAILED, UNAUTHORIZED, CONNECTION_ERRORS, SUSPICIOUS)


def route(scope: Mapping[str, Any]) -> str:
    """The path's pattern, as routed; one name for all that led nowhere."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, told: Annotated[tuple[Family, ...], Depends(families)]) -> PlainTextResponse:
    state = request.app.state
    floor = await floor_lines(state.database, told)
    lines = [*state.metrics.lines(), *floor, *backup_lines(Path(state.settings.backup_status_file))]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
