"""Each fault of the monitoring is in force when it is switched on, and gone when it is switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from environments.standin.client import StandIn
from environments.standin.faults import REGISTRY
from tests.standin.watched import (
    alertmanager,
    configured,
    empty_panels,
    grafana,
    metrics_of,
    prometheus,
    rules,
    series,
    watched_standin,
)


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """One with its monitoring, which each test leaves as it was."""
    with watched_standin() as standin:
        yield standin


def is_down(standin: StandIn, reference: str) -> bool:
    try:
        httpx.get(standin.references[reference], timeout=2)
    except httpx.TransportError:
        return True
    return False


def target_is_down(standin: StandIn, job: str) -> bool:
    targets = prometheus(standin, "targets")["activeTargets"]
    return any(target["health"] == "down" for target in targets if target["scrapePool"] == job)


def reads(standin: StandIn, rule: str, text: str) -> bool:
    return text in rules(standin)[rule]["query"]


def sources(standin: StandIn) -> Any:
    return grafana(standin, "/api/datasources").json()


SIGNS: dict[str, Callable[[StandIn], Any]] = {
    "prometheus-stopped": lambda standin: is_down(standin, "prometheus_url"),
    "prometheus-hung": lambda standin: is_down(standin, "prometheus_url"),
    "exporter-stopped": lambda standin: target_is_down(standin, "redis"),
    "scrape-job-missing": lambda standin: "celery-worker" not in {one["scrapePool"] for one in prometheus(standin, "targets")["activeTargets"]},
    "external-label-wrong": lambda standin: "cluster: ms5-local" not in prometheus(standin, "status/config")["yaml"],
    "application-metric-missing": lambda standin: not series(standin, "ms5_oee_score"),
    "rule-missing": lambda standin: "BackupOverdue" not in rules(standin),
    "rule-edited": lambda standin: reads(standin, "PostgreSQLHighConnections", "0.99"),
    "rule-never-fires": lambda standin: not all(series(standin, f"count({one})") for one in metrics_of(rules(standin)["HighDowntime"]["query"])),
    "rule-broken": lambda standin: rules(standin)["RedisDown"]["health"] == "err",
    "critical-alert-fires": lambda standin: series(standin, 'ALERTS{severity="critical", alertstate="firing"}'),
    "alertmanager-stopped": lambda standin: is_down(standin, "alertmanager_url"),
    "alertmanager-unknown": lambda standin: not prometheus(standin, "alertmanagers")["activeAlertmanagers"],
    "alert-misrouted": lambda standin: 'service="database"' not in configured(standin),
    "alert-route-ends": lambda standin: configured(standin).count("continue: true") < 7,
    "receiver-missing": lambda standin: "low-priority-alerts" not in {one["name"] for one in alertmanager(standin, "receivers")},
    "receiver-placeholder": lambda standin: "example.com" in configured(standin),
    "mail-undelivered": lambda standin: "127.0.0.1:9\n" in configured(standin),
    "alerts-silenced": lambda standin: [one for one in alertmanager(standin, "silences") if one["status"]["state"] == "active"],
    "grafana-stopped": lambda standin: is_down(standin, "grafana_url"),
    "grafana-anonymous": lambda standin: grafana(standin, "/api/search", token=False).status_code == 200,
    "grafana-default-password": lambda standin: grafana(standin, "/api/search", auth=("admin", "admin")).status_code == 200,
    "datasource-broken": lambda standin: grafana(standin, "/api/datasources/uid/postgresql/health").status_code == 400,
    "datasource-not-default": lambda standin: not any(one["isDefault"] for one in sources(standin)),
    "dashboard-missing": lambda standin: grafana(standin, "/api/dashboards/uid/ms5-andon-dashboard").status_code == 404,
    "dashboard-panel-empty": lambda standin: empty_panels(standin, "ms5-timescaledb-prod") == ["Statements a second"],
}  # fmt: skip


def test_every_fault_has_a_sign() -> None:
    """No fault of the monitoring is untried here."""
    assert {fault.name for fault in REGISTRY if "monitoring" in fault.touches} == set(SIGNS)


@pytest.mark.parametrize("name", SIGNS)
def test_a_fault_shows_and_goes(standin: StandIn, name: str) -> None:
    """A fault is in force when the switch returns, and gone when it is switched back."""
    sign = SIGNS[name]
    assert not sign(standin)
    try:
        standin.switch([name])
        assert sign(standin)
    finally:
        standin.switch([])
    assert not sign(standin)


def test_after_all_faults_everything_works(standin: StandIn) -> None:
    """Nothing is left of any fault."""
    assert [one["scrapePool"] for one in prometheus(standin, "targets")["activeTargets"] if one["health"] != "up"] == []
    assert {name for name, rule in rules(standin).items() if rule["health"] != "ok"} == set()
    assert prometheus(standin, "alertmanagers")["activeAlertmanagers"]
