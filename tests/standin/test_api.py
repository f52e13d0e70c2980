"""The API of the stand-in is the contract's (section 2): its routes for each role, its truth, its refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import httpx
import psycopg
import pytest
import redis
from psycopg.rows import dict_row

from environments.standin.accounts import ROLE_ACCOUNTS
from environments.standin.app import vocabulary
from environments.standin.app.main import application
from environments.standin.app.pace import COUNTED, WINDOW_SECONDS
from environments.standin.client import StandIn
from environments.standin.parts.backend import settings
from environments.standin.site import placeholder

EQUIPMENT = "BP01.PACK.BAG1"
NOBODY = "00000000-0000-0000-0000-000000000000"
ALL = frozenset(account.role for account in ROLE_ACCOUNTS)
PLANNERS = frozenset({"admin", "production_manager", "shift_manager"})
FRESH = timedelta(seconds=60)
UNCONNECTED = settings(placeholder(), "blue-1")
MIB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"

# Contract, sections 2 and 3: every read, and who may.
READS = {
    "auth/profile": ALL,
    "auth/permissions": ALL,
    "monitoring/health": ALL,
    "upload/info": ALL,
    "production/lines": ALL,
    "production/lines/{line}": ALL,
    "production/schedules": PLANNERS,
    "production/statistics": ALL,
    "production/job-assignments": ALL,
    "jobs/": ALL,
    "jobs/my-jobs": ALL,
    "jobs/statistics": ALL,
    "checklists/templates": PLANNERS | {"operator"},
    "checklists/templates/for-equipment?equipment_codes={equipment}": PLANNERS | {"operator"},
    "checklists/completions": PLANNERS | {"operator"},
    "oee/lines/{line}?equipment_code={equipment}": ALL,
    "oee/lines/{line}/current": ALL,
    "oee/lines/{line}/trends": ALL,
    "oee/equipment/{equipment}": ALL,
    "downtime/events": PLANNERS | {"engineer", "operator"},
    "downtime/active": PLANNERS | {"engineer", "operator"},
    "downtime/reasons": PLANNERS | {"engineer", "operator"},
    "andon/events": ALL,
    "andon/events/active": ALL,
    "andon/statistics": ALL,
    "andon/dashboard": ALL,
    "andon/escalation-tree": ALL,
    "andon/escalations/active": ALL,
    "andon/escalations/statistics": ALL,
    "reports/": ALL - {"operator", "maintenance"},
    "reports/templates/": ALL - {"operator", "maintenance"},
    "dashboard/lines": ALL,
    "dashboard/summary": ALL,
    "dashboard/alerts": ALL,
    "dashboard/metrics": ALL,
    "equipment/status": ALL,
    "equipment/{equipment}/status": ALL,
    "equipment/{equipment}/faults": ALL,
    "equipment/{equipment}/diagnostics": ALL,
    "users/": frozenset({"admin"}),
    "../../security/audit-log": frozenset({"admin"}),
    "../../security/retention-status": frozenset({"admin"}),
    "../../security/gdpr-status": frozenset({"admin"}),
}
UNKNOWN = (
    f"production/lines/{NOBODY}", "production/lines/no-id", f"oee/lines/{NOBODY}", f"oee/lines/{NOBODY}/current",
    f"oee/lines/{NOBODY}/trends", "oee/lines/{line}?equipment_code=NOPE", "oee/equipment/NOPE", "equipment/NOPE/status",
    "equipment/NOPE/faults", "equipment/NOPE/diagnostics", "checklists/templates/for-equipment?equipment_codes=NOPE",
    f"andon/events?line_id={NOBODY}", "downtime/events?equipment_code=NOPE", "api/v1/production/lines", "nowhere",
    f"users/{NOBODY}",
)  # fmt: skip
INVALID = (
    "production/lines?limit=0", "production/lines?limit=1001", "production/lines?limit=ten", "andon/events?status=urgent",
    "andon/events?priority=%27%3B--", "jobs/?status=done", "production/schedules?status=x", "downtime/events?category=x",
    "oee/lines/{line}?hours=0", "checklists/templates/for-equipment", "production/lines?limit=" + "9" * 40,
)  # fmt: skip
# What a read counts, and the question that counts the same.
COUNTED_ALIKE = {
    "production/lines": "production_lines",
    "production/schedules": "production_schedules",
    "production/job-assignments": "job_assignments",
    "jobs/": "job_assignments",
    "checklists/templates": "checklist_templates",
    "checklists/completions": "checklist_completions",
    "downtime/events": "downtime_events",
    "downtime/active": "downtime_events where end_time is null",
    "andon/events": "andon_events",
    "andon/events/active": "andon_events where status <> 'resolved'",
    "reports/": "production_reports where status <> 'deleted'",
    "reports/templates/": "report_templates where is_active",
    "dashboard/lines": "production_lines",
    "dashboard/alerts": "production_alerts where not is_resolved",
    "equipment/status": "equipment_config",
    "users/": "users",
}
WORDS = {
    "production/lines": {"status": vocabulary.LineStatus},
    "production/schedules": {"status": vocabulary.ScheduleStatus},
    "jobs/": {"status": vocabulary.JobStatus},
    "andon/events": {
        "status": vocabulary.AndonStatus, "event_type": vocabulary.AndonType, "priority": vocabulary.AndonPriority,
    },
    "equipment/status": {"status": vocabulary.EquipmentStatus},
}  # fmt: skip


class People:
    """Somebody of each role, logged in at a replica."""

    def __init__(self, standin: StandIn) -> None:
        self.replica = httpx.Client(base_url=standin.references["blue_1"] + "/api/v1/", timeout=10)
        with ThreadPoolExecutor() as pool:
            self.tokens = dict(zip([one.role for one in ROLE_ACCOUNTS], pool.map(self.token, ROLE_ACCOUNTS), strict=True))
        self.line = self.get("production/lines").json()[0]["id"]
        self.csrf = self.get("auth/profile").headers["X-CSRF-Token"]

    def token(self, account: Any) -> str:
        answer = self.replica.post("auth/login", json={"username": account.username, "password": account.password})
        return str(answer.json()["access_token"])

    def get(self, path: str, role: str = "admin") -> httpx.Response:
        filled = path.replace("{line}", getattr(self, "line", "")).replace("{equipment}", EQUIPMENT)
        return self.replica.get(filled, headers=self.bearing(role))

    def send(self, method: str, path: str, role: str = "admin", *, csrf: bool = True, **content: Any) -> httpx.Response:
        headers = self.bearing(role) | ({"X-CSRF-Token": self.csrf} if csrf else {})
        return self.replica.request(method, path, headers=headers | content.pop("headers", {}), **content)

    def bearing(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}


@pytest.fixture(scope="module")
def people(kept_up: StandIn) -> Iterator[People]:
    people = People(kept_up)
    yield people
    people.replica.close()


@pytest.fixture(scope="module")
def database(kept_up: StandIn) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The application's own role, to look and to tidy up."""
    given = kept_up.references
    host, port = given["database_address"].split(":")
    with psycopg.connect(
        host=host, port=port, dbname=given["database_name"], user=given["database_app_user"],
        password=given["database_app_password"], row_factory=dict_row, autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


def count(database: psycopg.Connection[dict[str, Any]], source: str) -> int:
    row = database.execute(f"select count(*) as n from factory_telemetry.{source}").fetchone()
    assert row is not None
    return int(row["n"])


def told(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error in an answer, which is the whole envelope."""
    assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text[:300]}"
    error: dict[str, Any] = answer.json()["error"]
    assert error.keys() == {"code", "message", "details", "timestamp", "request_id"}
    assert error["request_id"] == answer.headers["X-Request-ID"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(error["timestamp"])) < FRESH
    return error


# ---- reads -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READS)
def test_every_read_is_for_its_roles(people, path):
    """Each role reads what it may, and is denied the rest with 403 in the envelope; nobody without a token."""
    for role in ALL:
        answer = people.get(path, role)
        if role in READS[path]:
            assert answer.status_code == 200, f"{role}: {answer.text[:300]}"
            assert answer.json() or path == "jobs/my-jobs"
        else:
            assert told(answer, 403)["code"] == "forbidden"
    assert people.get(path, "").headers["WWW-Authenticate"] == "Bearer"
    told(people.get(path, ""), 401)


@pytest.mark.parametrize("path", UNKNOWN)
def test_the_unknown_is_not_found(people, path):
    """An unknown id, code or route is 404, and nothing is made up for it."""
    assert told(people.get(path), 404)["code"] == "not_found"


@pytest.mark.parametrize("path", INVALID)
def test_what_is_not_valid_is_told(people, path):
    """A value out of its bounds, its type or its words is 422 and names the field."""
    details = told(people.get(path), 422)["details"]

    assert details
    assert all(set(detail) == {"field", "message"} for detail in details)


@pytest.mark.parametrize(("path", "source"), COUNTED_ALIKE.items())
def test_lists_are_what_the_database_holds(people, database, path, source):
    """A list is as long as the database says."""
    assert len(people.get(path).json()) == count(database, source) > 0


def test_statistics_are_what_the_database_holds(people, database):
    """Counts by state add up to those of the database, with a place for each word."""
    production, andon = people.get("production/statistics").json(), people.get("andon/statistics").json()

    assert production["total_schedules"] == sum(production["schedules_by_status"].values()) == count(database, "production_schedules")
    assert production["total_jobs"] == people.get("jobs/statistics").json()["total_jobs"] == count(database, "job_assignments")
    assert set(production["lines_by_status"]) == set(get_args(vocabulary.LineStatus))
    for name in ("type", "priority", "status"):
        assert sum(andon[f"events_by_{name}"].values()) == andon["total_events"] == count(database, "andon_events")


@pytest.mark.parametrize("path", WORDS)
def test_words_are_the_contracts(people, path):
    """What has a state, a kind or a priority has one of the contract's words for it."""
    for row in people.get(path).json():
        for name, words in WORDS[path].items():
            assert row[name] in get_args(words)


def test_what_is_said_now_is_fresh(people):
    """Every last_updated is of this moment, and of the next at the next call."""
    for path in ("equipment/status", "equipment/{equipment}/faults", "dashboard/lines", "dashboard/summary", "oee/lines/{line}"):
        first, second = (moments(people.get(path).json()) for _ in range(2))

        assert first < second
        assert abs(datetime.now(UTC) - second[0]) < FRESH


def moments(content: Any) -> list[datetime]:
    rows = content if isinstance(content, list) else [content]
    return [datetime.fromisoformat(row["last_updated"]) for row in rows]


def test_oee_is_the_product_of_shares(people):
    """OEE and its parts are shares, and OEE is their product, now, over a day, and hour by hour."""
    figures = [people.get(f"oee/lines/{{line}}{more}").json() for more in ("", "/current")]
    for one in [*figures, *people.get("oee/lines/{line}/trends").json()["points"]]:
        assert 0 <= one["availability"] * one["performance"] * one["quality"] <= 1
        assert one["oee"] == pytest.approx(one["availability"] * one["performance"] * one["quality"])


def test_without_data_there_is_no_oee(people):
    """Where nothing was measured, OEE and its parts are null, and the dashboard has the line all the same."""
    with a_line(people) as line:
        figures = people.get(f"oee/lines/{line['id']}").json()
        shown = {one["line_code"]: one for one in people.get("dashboard/lines").json()}

        assert [figures[name] for name in ("availability", "performance", "quality", "oee", "measured_at")] == [None] * 5
        assert people.get(f"oee/lines/{line['id']}/trends").json()["points"] == []
        assert shown[line["line_code"]]["oee"] is None
        assert len(shown) == len(people.get("production/lines").json())


def test_my_jobs_are_mine(people):
    """An operator sees his own jobs, and an administrator who has none sees none."""
    mine = people.get("jobs/my-jobs", "operator").json()

    assert mine
    assert {job["username"] for job in mine} == {"otto.operator"}
    assert people.get("jobs/my-jobs").json() == []


def test_monitoring_health_is_read(people):
    """What is said of database and hypertables is what the catalogue holds."""
    seen = people.get("monitoring/health").json()

    assert seen["status"] == "healthy"
    assert seen["configuration"] == {"compression_enabled": True, "retention_policy": "90 days", "chunk_interval": "1 h"}
    assert seen["database"]["active_connections"] >= 1
    assert seen["database"]["database_size"] > MIB


# ---- writes ----------------------------------------------------------------------------------------------------


@contextmanager
def a_line(people: People, **more: Any) -> Iterator[dict[str, Any]]:
    """A line of the test's own."""
    answer = people.send("POST", "production/lines", json={"line_code": "L-TRIAL", "name": "Trial", **more})
    assert answer.status_code == 201, answer.text
    try:
        yield answer.json()
    finally:
        assert people.send("DELETE", f"production/lines/{answer.json()['id']}").status_code == 200


def test_lines_are_made_and_changed(people):
    """A line is made, changed, not made twice, and gone when it is deleted; one that others refer to stays."""
    with a_line(people, equipment_codes=[EQUIPMENT], target_speed=80) as line:
        path = f"production/lines/{line['id']}"
        changed = people.send("PUT", path, json={"status": "maintenance"}).json()

        assert (changed["status"], changed["name"], changed["target_speed"]) == ("maintenance", "Trial", 80)
        told(people.send("POST", "production/lines", json={"line_code": "L-TRIAL", "name": "Again"}), 409)
        told(people.send("PUT", path, json={"status": "broken"}), 422)
        told(people.send("PUT", path, "viewer", json={"status": "idle"}), 403)
    told(people.get(path), 404)
    told(people.send("POST", "production/lines", json={"line_code": "L-2", "name": "x", "equipment_codes": ["NOPE"]}), 404)
    told(people.send("DELETE", f"production/lines/{people.line}"), 409)


def test_a_call_is_made_taken_up_and_resolved(people, database):
    """An andon event goes its way once, with its escalation, and each step is written down."""
    call = {"line_id": people.line, "equipment_code": EQUIPMENT, "event_type": "quality", "priority": "low", "description": "Trial"}
    made = people.send("POST", "andon/events", "operator", json=call)
    assert made.status_code == 201, made.text
    path = f"andon/events/{made.json()['id']}"
    try:
        assert made.json()["reported_by"] == "otto.operator"
        assert made.json()["id"] in {one["id"] for one in people.get("andon/events/active").json()}
        taken = people.send("POST", f"{path}/acknowledge", "operator").json()
        assert (taken["status"], taken["acknowledged_by"]) == ("acknowledged", "otto.operator")
        told(people.send("POST", f"{path}/acknowledge", "operator"), 409)
        told(people.send("POST", f"{path}/resolve", "operator", json={"resolution_notes": "x"}), 403)
        done = people.send("POST", f"{path}/resolve", "engineer", json={"resolution_notes": "Cleared"}).json()
        assert (done["status"], done["resolved_by"]) == ("resolved", "enid.engineer")
        steps = database.execute(
            "select history.action from factory_telemetry.andon_escalation_history history"
            " join factory_telemetry.andon_escalations on andon_escalations.id = escalation_id"
            " where event_id = %s order by performed_at", [made.json()["id"]]).fetchall()  # fmt: skip
        assert [step["action"] for step in steps] == ["created", "acknowledged", "resolved"]
    finally:
        database.execute("delete from factory_telemetry.andon_events where id = %s", [made.json()["id"]])
    told(people.send("POST", f"{path}/acknowledge"), 404)
    told(people.send("POST", "andon/events", json=call | {"equipment_code": "NOPE"}), 404)
    told(people.send("POST", "andon/events", json=call | {"priority": "urgent"}), 422)


def test_an_order_is_planned_and_done(people, database):
    """An order is planned, given to somebody, accepted, begun and completed, each step by who may."""
    product = database.execute("select id from factory_telemetry.product_types limit 1").fetchone()
    otto = database.execute("select id from factory_telemetry.users where username = 'otto.operator'").fetchone()
    assert product is not None
    assert otto is not None
    begin = datetime.now(UTC) + timedelta(days=30)
    order = {"line_id": people.line, "product_type_id": str(product["id"]), "scheduled_start": begin.isoformat(),
             "scheduled_end": (begin + timedelta(hours=8)).isoformat(), "target_quantity": 100}  # fmt: skip
    made = people.send("POST", "production/schedules", "shift_manager", json=order)
    assert made.status_code == 201, made.text
    schedule = f"production/schedules/{made.json()['id']}"
    job = people.send("POST", "jobs/", "shift_manager", json={"schedule_id": made.json()["id"], "user_id": str(otto["id"])}).json()
    try:
        told(people.send("POST", f"jobs/{job['id']}/start", "operator"), 409)
        told(people.send("POST", f"jobs/{job['id']}/accept", "admin"), 404)
        for step, status in (("accept", "accepted"), ("start", "in_progress"), ("complete", "completed")):
            assert people.send("POST", f"jobs/{job['id']}/{step}", "operator").json()["status"] == status
        told(people.send("DELETE", schedule), 409)
    finally:
        database.execute("delete from factory_telemetry.job_assignments where id = %s", [job["id"]])
    assert people.send("DELETE", schedule).status_code == 200
    told(people.send("POST", "production/schedules", json=order | {"scheduled_end": order["scheduled_start"]}), 422)
    told(people.send("POST", "production/schedules", json=order | {"line_id": NOBODY}), 404)


def test_a_stop_is_reported_and_ends(people, database):
    """A stop is reported, lasts, ends once, and is then confirmed by who may."""
    stop = {"line_id": people.line, "equipment_code": EQUIPMENT, "reason_code": "TRIAL", "category": "planned"}
    made = people.send("POST", "downtime/events", "operator", json=stop).json()
    path = f"downtime/events/{made['id']}"
    try:
        assert made["id"] in {one["id"] for one in people.get("downtime/active").json()}
        told(people.send("POST", f"{path}/confirm", "shift_manager"), 409)
        assert people.send("POST", f"{path}/end", "operator").json()["end_time"]
        told(people.send("POST", f"{path}/end", "operator"), 409)
        assert people.send("POST", f"{path}/confirm", "shift_manager").json()["confirmed_by"] == "sam.shift_manager"
    finally:
        database.execute("delete from factory_telemetry.downtime_events where id = %s", [made["id"]])


def test_expired_data_are_processed_by_administrators(people):
    """What is older than its time is processed for an administrator only."""
    assert people.send("POST", "../../security/process-expired-data").json()["reports_deleted"] == 0
    told(people.send("POST", "../../security/process-expired-data", "production_manager"), 403)


@pytest.mark.parametrize("token", ["", "x", "1.2.3", "9999999999.aa.bb", "é"])
def test_without_a_csrf_token_nothing_is_written(people, database, token):
    """A write without a good CSRF token is refused before it is looked at, and nothing is written."""
    line = {"line_code": "L-FORGED", "name": "Forged"}
    headers = {"X-CSRF-Token": token.encode()} if token else {}

    answer = people.send("POST", "production/lines", csrf=False, json=line, headers=headers)

    assert told(answer, 403)["code"] == "forbidden"
    assert count(database, "production_lines where line_code = 'L-FORGED'") == 0
    told(people.send("POST", "production/lines", csrf=False, json={"line_code": 5}), 403)


def test_every_replica_takes_a_csrf_token(people, kept_up):
    """A token handed out by one replica is good at another."""
    other = httpx.post(
        kept_up.references["blue_2"] + f"/api/v1/andon/events/{NOBODY}/acknowledge",
        headers=people.bearing("admin") | {"X-CSRF-Token": people.csrf},
    )

    told(other, 404)


# ---- what is taken ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "kind", "status"), [
    (PNG + b"0" * 100, "image/png", 201),
    (b"%PDF-1.7" + b"0" * (10 * MIB - 8), "application/pdf", 201),
    (PNG + b"0" * 10 * MIB, "image/png", 413),
    (b"MZ" + b"0" * 100, "image/png", 415),
    (b"<script>", "text/html", 415),
    (b"", "image/jpeg", 415),
])  # fmt: skip
def test_uploads_are_of_known_types_and_limited_size(people, content, kind, status):
    """A file of a known type up to 10 MiB is taken, a larger one is 413, another type 415."""
    answer = people.send("POST", "upload/", files={"file": ("name", content, kind)})

    if status == 201:
        assert (answer.status_code, answer.json()["size"]) == (201, len(content))
    else:
        told(answer, status)


def test_odd_requests_are_refused_quickly(people):
    """Control characters, deep or broken JSON, half characters, endless numbers and large bodies are 4xx within a second."""
    login = people.replica
    odd = [
        lambda: people.get("equipment/A%00B/status"),
        lambda: people.get("andon/events?line_id=%0d%0a"),
        lambda: login.post("auth/login", content=b"[" * 100_000, headers={"Content-Type": "application/json"}),
        lambda: login.post("auth/login", content=b'{"username":' * 20_000, headers={"Content-Type": "application/json"}),
        lambda: login.post("auth/login", content=b'{"username": "a\\u0000", "password": "b"}', headers={"Content-Type": "application/json"}),
        lambda: login.post("auth/login", content=b'{"username": "\\ud800", "password": "\\udfff"}', headers={"Content-Type": "application/json"}),
        lambda: login.post("auth/login", content=b"\xff\xfe", headers={"Content-Type": "application/json"}),
        lambda: login.post("auth/login", content=b"x" * 2 * MIB, headers={"Content-Type": "application/json"}),
        lambda: login.post("auth/login", content=iter([b"x" * MIB] * 2), headers={"Content-Type": "application/json"}),
        lambda: people.send("POST", "production/lines", json={"line_code": "x", "name": "x", "target_speed": 1e300}),
        lambda: people.send("POST", "production/lines", content=b'{"line_code": "x", "name": "x", "target_speed": NaN}', headers={"Content-Type": "application/json"}),
    ]  # fmt: skip
    for ask in odd:
        answer = ask()

        assert 400 <= answer.status_code < 500, answer.text
        told(answer, answer.status_code)
        assert answer.elapsed < timedelta(seconds=1)


def test_errors_repeat_no_secret(people):
    """A log-in that is not valid is told without the password that was sent."""
    answer = people.replica.post("auth/login", json={"username": ["x"], "password": {"hunter2": "hunter2"}})

    told(answer, 422)
    assert "hunter2" not in answer.text


def test_methods_and_hosts_are_refused_in_the_envelope(people):
    """A method that a route does not have is 405, an unknown host is 400."""
    told(people.send("PATCH", "production/lines"), 405)
    told(people.replica.get("auth/roles", headers={"Host": "elsewhere.example"}), 400)


def test_who_asks_too_often_waits(people, kept_up):
    """An address above its limit gets 429 with Retry-After, on every replica, and health answers it all the same."""
    host, port = kept_up.references["cache_address"].split(":")
    ask = {"X-Real-IP": "127.9.9.9"}
    with redis.Redis(host, int(port), password=kept_up.references["cache_password"]) as cache:
        now = int(datetime.now(UTC).timestamp()) // WINDOW_SECONDS
        for window in (now, now + 1):
            cache.set(f"{COUNTED}127.9.9.9:{window}", 10**6, ex=2 * WINDOW_SECONDS)

    for replica in ("blue_1", "blue_2", "green_1"):
        base = kept_up.references[replica]
        answer = httpx.get(base + "/api/v1/auth/roles", headers=ask)
        told(answer, 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= WINDOW_SECONDS + 1
        assert httpx.get(base + "/health", headers=ask).status_code == 200
    assert people.get("auth/roles").status_code == 200


# ---- the description -------------------------------------------------------------------------------------------


def test_the_api_describes_itself(kept_up):
    """In a staging shape the API's description is open, names each operation once and every read of the contract."""
    base = kept_up.references["blue_1"]
    described = httpx.get(base + "/openapi.json", timeout=10).json()
    ids = [operation["operationId"] for routes in described["paths"].values() for operation in routes.values()]
    patterns = {pattern(path) for path in described["paths"]}

    assert len(ids) == len(set(ids))
    assert {pattern("/api/v1/" + path) for path in READS if ".." not in path} <= patterns
    for path in ("/docs", "/redoc"):
        assert httpx.get(base + path).status_code == 200


def pattern(path: str) -> str:
    """A path with its parameters made alike."""
    return "/".join("*" if part.startswith("{") else part for part in path.partition("?")[0].split("/"))


def test_answers_have_the_shape_that_is_described(people, kept_up):
    """Every read answers with exactly the fields of its description."""
    described = httpx.get(kept_up.references["blue_1"] + "/openapi.json", timeout=10).json()
    shapes = {pattern(path): routes.get("get") for path, routes in described["paths"].items()}
    for path in READS:
        if ".." in path or path.startswith(("auth/", "monitoring/")):
            continue
        content = shapes[pattern("/api/v1/" + path)]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = people.get(path, "operator" if path == "jobs/my-jobs" else "admin").json()
        row, reference = (answer[0], content["items"]["$ref"]) if isinstance(answer, list) else (answer, content["$ref"])
        assert set(row) == set(described["components"]["schemas"][reference.rpartition("/")[2]]["properties"]), path


@pytest.mark.parametrize(("documented", "status"), [(True, 200), (False, 404)])
@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_only_production_hides_the_description(path, documented, status):
    """The documentation answers where it is to be, and is not found, in the envelope, in a production shape."""
    answer = asyncio.run(ask_unconnected(path, documented=documented))

    assert answer.status_code == status
    if status == 404:
        told(answer, 404)


async def ask_unconnected(path: str, *, documented: bool) -> httpx.Response:
    """The answer of an application that has no stores."""
    transport = httpx.ASGITransport(application(replace(UNCONNECTED, documented=documented)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path)
