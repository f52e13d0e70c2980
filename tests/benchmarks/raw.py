"""The limit: the same requests by httpx in as many threads, and nothing else. ``python -m tests.benchmarks.raw URL FILE SECONDS``"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.benchmarks.load import CONCURRENCY


def ask_all(url: str, paths: list[str], patience_seconds: float) -> int:
    """How many got no answer."""
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    with httpx.Client(base_url=url, limits=limits, timeout=patience_seconds) as client, ThreadPoolExecutor(CONCURRENCY) as pool:
        return sum(pool.map(lambda path: missed(client, path), paths))


def missed(client: httpx.Client, path: str) -> bool:
    """Whether a request got no answer."""
    try:
        return client.get(path).status_code != 200
    except httpx.TimeoutException:
        return True


if __name__ == "__main__":
    sys.exit(1 if ask_all(sys.argv[1], Path(sys.argv[2]).read_text("utf-8").split(), float(sys.argv[3])) else 0)
