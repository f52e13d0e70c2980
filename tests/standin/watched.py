"""A stand-in with its monitoring, and how the tests look at it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from environments.standin import client
from environments.standin.client import StandIn
from environments.standin.parts import packages

ALERT_SECONDS = 15


@contextmanager
def watched_standin() -> Iterator[StandIn]:
    """One that is watched; where that cannot be had, the test is skipped with the reason, and fails in CI."""
    if why := packages.absent(packages.MONITORING):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    with client.start(groups=["monitoring"]) as standin:
        standin.wait_for("monitoring", 120)  # the packages may have to be fetched
        yield standin


def soon(holds: Callable[[], Any], seconds: float = ALERT_SECONDS) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not (true := bool(holds())) and time.monotonic() < deadline:
        time.sleep(0.1)
    return true


def prometheus(standin: StandIn, path: str, **query: str) -> Any:
    return (
        httpx.get(f"{standin.references['prometheus_url']}/api/v1/{path}", params=query)
        .raise_for_status()
        .json()["data"]
    )


def series(standin: StandIn, question: str) -> list[Any]:
    found: list[Any] = prometheus(standin, "query", query=question)["result"]
    return found


def rules(standin: StandIn) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for group in prometheus(standin, "rules")["groups"] for rule in group["rules"]}


def metrics_of(expression: str) -> set[str]:
    """The metrics that an expression reads."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(by|on|without) *\([^)]*\)", "", expression)
    return set(re.findall(r"\b[a-z]\w*\b(?! *\()", bare)) - {"and", "or", "unless", "by", "on", "without"}


def alertmanager(standin: StandIn, path: str) -> Any:
    return httpx.get(f"{standin.references['alertmanager_url']}/api/v2/{path}").raise_for_status().json()


def configured(standin: StandIn) -> str:
    """Alertmanager's configuration, as it says."""
    return str(alertmanager(standin, "status")["config"]["original"])


def mails(standin: StandIn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(standin.references["mail_sink_url"]).json()
    return found


def webhooks(standin: StandIn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(standin.references["webhook_sink_url"]).json()
    return found


def grafana(standin: StandIn, path: str, *, body: Any = None, auth: Any = None, token: bool = True) -> httpx.Response:
    headers = {"Authorization": f"Bearer {standin.references['grafana_token']}"} if token and not auth else {}
    method = "GET" if body is None else "POST"
    url = standin.references["grafana_url"] + path
    return httpx.request(method, url, json=body, auth=auth, headers=headers, timeout=10)


def empty_panels(standin: StandIn, uid: str) -> list[str]:
    """The panels of a dashboard of which a query has no value."""
    dashboard = grafana(standin, f"/api/dashboards/uid/{uid}").raise_for_status().json()["dashboard"]
    assert dashboard["panels"]
    return [panel["title"] for panel in dashboard["panels"] if is_empty(standin, panel)]


def is_empty(standin: StandIn, panel: dict[str, Any]) -> bool:
    answer = grafana(
        standin, "/api/ds/query", body={"queries": panel["targets"], "from": "now-15m", "to": "now"}
    ).json()
    assert len(answer["results"]) == len(panel["targets"])
    return not all(has_value(result["frames"]) for result in answer["results"].values())


def has_value(frames: list[dict[str, Any]]) -> bool:
    return any(
        value is not None
        for frame in frames
        for field, column in zip(frame["schema"]["fields"], frame["data"]["values"], strict=True)
        if field["type"] != "time"
        for value in column
    )
