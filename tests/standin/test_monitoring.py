"""The stand-in is watched as a plant is: every rule can fire, every alert arrives, every panel shows something."""

from __future__ import annotations

import ssl
import subprocess
import uuid
from collections.abc import Iterator

import httpx
import pytest

from environments.standin.client import StandIn
from environments.standin.parts import packages
from environments.standin.parts.monitoring.configuration import DECLARED
from tests.standin.watched import (
    empty_panels,
    grafana,
    mails,
    metrics_of,
    prometheus,
    rules,
    series,
    soon,
    watched_standin,
    webhooks,
)

JOBS = {
    "prometheus", "ms5-backend", "postgres", "redis", "nginx", "node", "grafana", "minio", "celery-worker",
    "alertmanager", "cadvisor",
}  # fmt: skip
APPLICATION_METRICS = (
    "http_requests_total", "http_request_duration_seconds_bucket", "ms5_production_line_status",
    "ms5_equipment_status", "ms5_oee_score", "ms5_downtime_duration_minutes", "ms5_andon_events_total",
    "ms5_andon_events_acknowledged_total", "ms5_andon_escalations_total", "ms5_job_assignments_total",
    "ms5_job_assignments_overdue_total", "ms5_websocket_active_connections",
    "ms5_websocket_connection_errors_total", "ms5_websocket_message_latency_seconds_bucket",
    "ms5_quality_checks_total", "ms5_backup_status", "ms5_backup_last_success_timestamp",
    "ms5_auth_login_failed_total", "ms5_auth_suspicious_activity_total", "ms5_auth_unauthorized_access_total",
)  # fmt: skip
ALERTS = {
    "system_health": "HighCPUUsage HighMemoryUsage DiskSpaceLow ServiceDown",
    "database_health": "PostgreSQLDown PostgreSQLHighConnections PostgreSQLSlowQueries PostgreSQLReplicationLag",
    "application_health": "BackendAPIHighResponseTime BackendAPIHighErrorRate BackendAPIHighRequestRate BackendAPIUnavailable",
    "production_system": "ProductionLineDown EquipmentOffline LowOEEScore HighDowntime",
    "andon_system": "CriticalAndonEvent AndonEventNotAcknowledged AndonEscalationRequired HighAndonEventRate",
    "job_management": "JobAssignmentOverdue HighJobFailureRate JobQueueBacklog",
    "websocket_system": "WebSocketConnectionFailure WebSocketHighLatency WebSocketConnectionCount",
    "quality_management": "QualityCheckFailed HighQualityFailureRate",
    "cache_system": "RedisDown RedisHighMemoryUsage RedisHighHitRate",
    "backup_recovery": "BackupFailed BackupOverdue",
    "security": "HighFailedLoginAttempts SuspiciousActivity UnauthorizedAccess",
}
SEVERITIES = {
    "critical": "critical-alerts", "high": "high-priority-alerts", "medium": "medium-priority-alerts", "low": "low-priority-alerts",
}  # fmt: skip
SERVICES = {
    "database": "database-alerts",
    "application": "application-alerts",
    "infrastructure": "infrastructure-alerts",
}
DASHBOARDS = {"ms5-system-overview", "ms5-production-dashboard", "ms5-andon-dashboard", "ms5-timescaledb-prod"}


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """One with its monitoring, which each test leaves as it was."""
    with watched_standin() as standin:
        yield standin


# ---- Prometheus ----------------------------------------------------------------------------------------------


def test_everything_is_looked_at(standin: StandIn) -> None:
    """Every job of the contract has targets, and all of them answer."""
    targets = prometheus(standin, "targets")["activeTargets"]

    assert {target["scrapePool"] for target in targets} == JOBS
    assert sum(target["scrapePool"] == "ms5-backend" for target in targets) == 3
    assert [target["scrapePool"] for target in targets if target["health"] != "up"] == []


def test_prometheus_says_whose_it_is(standin: StandIn) -> None:
    """The external labels name the environment, and what is seen is kept as long as in staging."""
    assert "cluster: ms5-local\n    environment: local\n" in prometheus(standin, "status/config")["yaml"]
    assert prometheus(standin, "status/flags")["storage.tsdb.retention.time"] == "3d"


def test_every_replica_tells_every_metric(standin: StandIn) -> None:
    """Each application metric of the contract has a series from each of the three replicas."""
    counts = {name: len(series(standin, f"group by (instance) ({name})")) for name in APPLICATION_METRICS}

    assert counts == dict.fromkeys(APPLICATION_METRICS, 3)


def test_what_is_told_of_the_floor_is_true(standin: StandIn) -> None:
    """The values are the database's: its one line runs, its machines' OEE lies in 0 to 1, nothing stood still all shift."""
    assert [
        one["metric"]["line"]
        for one in series(standin, 'max by (line) (ms5_production_line_status{status="running"}) == 1')
    ] == ["L-BAG1"]
    assert len(series(standin, "max by (equipment) (ms5_oee_score) > 0 < 1")) == 2
    assert series(standin, "ms5_downtime_duration_minutes < 0 or ms5_downtime_duration_minutes >= 480") == []


def test_the_rules_are_those_of_the_contract(standin: StandIn) -> None:
    """The eleven groups with their thirty-six alerts are loaded and are judged without an error."""
    groups = prometheus(standin, "rules")["groups"]

    assert {group["name"]: " ".join(rule["name"] for rule in group["rules"]) for group in groups} == ALERTS
    assert {rule["name"]: rule.get("lastError") for rule in rules(standin).values() if rule["health"] != "ok"} == {}


def test_every_rule_says_how_urgent_it_is_and_what_to_do(standin: StandIn) -> None:
    """Each alert has a severity, a service, a summary and a first step."""
    for rule in rules(standin).values():
        assert rule["labels"]["severity"] in {"critical", "high", "medium"}, rule["name"]
        assert rule["labels"]["service"] in SERVICES, rule["name"]
        assert set(rule["annotations"]) == {"summary", "runbook"}, rule["name"]


def test_every_rule_can_fire(standin: StandIn) -> None:
    """Each metric that a rule reads has a series."""
    read = {name: metrics_of(rule["query"]) for name, rule in rules(standin).items()}

    assert all(read.values())
    assert {
        name: metric for name, metrics in read.items() for metric in metrics if not series(standin, f"count({metric})")
    } == {}


def test_nothing_critical_fires(standin: StandIn) -> None:
    """The healthy stand-in is no cause for alarm."""
    assert series(standin, 'ALERTS{severity="critical"}') == []


@pytest.mark.parametrize(
    ("package", "tool", "arguments"),
    [
        ("prometheus", "promtool", ["check", "rules", *map(str, sorted((DECLARED / "rules").glob("*.yml")))]),
        ("prometheus", "promtool", ["check", "config", "prometheus/prometheus.yml"]),
        ("prometheus-alertmanager", "amtool", ["check-config", "alertmanager/alertmanager.yml"]),
    ],
    ids=["rules", "prometheus", "alertmanager"],
)
def test_the_tools_find_no_fault(standin: StandIn, package: str, tool: str, arguments: list[str]) -> None:
    """The products' own checkers pass what is declared and what is in force."""
    folder = packages.unpacked(package)
    assert folder is not None
    checked = subprocess.run(
        [folder / "usr" / "bin" / tool, *arguments],
        cwd=standin.folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


# ---- Alertmanager --------------------------------------------------------------------------------------------


def test_every_alert_reaches_who_is_named_for_it(standin: StandIn) -> None:
    """For each severity and service the receiver named for the one and for the other hears of it, within seconds."""
    name = f"Trial{uuid.uuid4().hex}"
    pairs = [(severity, service) for severity in SEVERITIES for service in SERVICES]
    alerts = [{"labels": {"alertname": name, "severity": severity, "service": service}} for severity, service in pairs]
    httpx.post(f"{standin.references['alertmanager_url']}/api/v2/alerts", json=alerts).raise_for_status()

    def heard() -> set[tuple[str, str, str]]:
        groups = [(one["receiver"], one["body"]["groupLabels"]) for one in webhooks(standin)]
        return {(receiver, at["severity"], at["service"]) for receiver, at in groups if at["alertname"] == name}

    expected = {
        (receiver, severity, service)
        for severity, service in pairs
        for receiver in (SEVERITIES[severity], SERVICES[service])
    }
    assert soon(lambda: heard() == expected), heard() ^ expected


def test_what_is_named_for_nobody_reaches_the_default(standin: StandIn) -> None:
    """An alert without a service and with an unknown severity is not lost."""
    name = f"Trial{uuid.uuid4().hex}"
    httpx.post(
        f"{standin.references['alertmanager_url']}/api/v2/alerts", json=[{"labels": {"alertname": name}}]
    ).raise_for_status()

    assert soon(
        lambda: (
            [one["receiver"] for one in webhooks(standin) if one["body"]["groupLabels"]["alertname"] == name]
            == ["default-webhook"]
        )
    )


def test_a_call_from_the_floor_arrives_by_mail(standin: StandIn) -> None:
    """A critical andon call in the database is a mail to the managers and to the application's people, in time."""
    try:
        standin.switch(["critical-alert-fires"])

        def recipients() -> set[str]:
            return {
                to.partition("@")[0]
                for mail in mails(standin)
                if "CriticalAndonEvent" in mail["subject"]
                for to in mail["to"]
            }

        assert soon(lambda: recipients() == {"managers.on.duty", "ms5.administrators"})
    finally:
        standin.switch([])


# ---- Grafana -------------------------------------------------------------------------------------------------


def test_grafana_is_closed(standin: StandIn) -> None:
    """Neither strangers nor well-known passwords enter; the account and the token of the references do."""
    account = (standin.references["grafana_username"], standin.references["grafana_password"])

    assert grafana(standin, "/api/search", token=False).status_code == 401
    assert [grafana(standin, "/api/search", auth=("admin", password)).status_code for password in ("admin", "")] == [
        401,
        401,
    ]
    assert (
        grafana(standin, "/api/search", auth=account).status_code == grafana(standin, "/api/search").status_code == 200
    )
    assert grafana(standin, "/api/health", token=False).json()["database"] == "ok"


def test_grafana_reaches_its_data(standin: StandIn) -> None:
    """The three data sources work, Prometheus is the default, and no secret is shown."""
    sources = grafana(standin, "/api/datasources").json()

    assert [(one["name"], one["isDefault"]) for one in sources] == [
        ("Prometheus", True),
        ("PostgreSQL", False),
        ("Redis", False),
    ]
    assert [grafana(standin, f"/api/datasources/uid/{one['uid']}/health").json()["status"] for one in sources] == [
        "OK"
    ] * 3
    assert standin.references["cache_password"] not in str(sources)


@pytest.mark.parametrize("uid", sorted(DASHBOARDS))
def test_every_panel_shows_something(standin: StandIn, uid: str) -> None:
    """Each query of each panel has a value."""
    assert uid in {one["uid"] for one in grafana(standin, "/api/search").json()}
    assert soon(lambda: not empty_panels(standin, uid)), empty_panels(standin, uid)


def test_the_front_door_leads_to_grafana(standin: StandIn) -> None:
    """The monitoring host of the front door is Grafana."""
    public = httpx.URL(standin.references["monitoring_https_url"] + "/api/health")
    trust = ssl.create_default_context(cafile=standin.references["ca_file"])
    with httpx.Client(verify=trust) as client:
        answer = client.get(
            public.copy_with(host="127.0.0.1"),
            headers={"Host": public.netloc.decode()},
            extensions={"sni_hostname": public.host},
        )

    assert answer.json()["database"] == "ok"
