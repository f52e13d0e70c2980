"""Each fault of the API and of who is let in is seen by a look of its own, and gone when it is switched off."""

from __future__ import annotations

import base64
import json
import ssl
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest

from environments.standin.accounts import ROLE_ACCOUNTS
from environments.standin.api_faults import API_FAULTS
from environments.standin.app.api_lies import PUBLISHED_SECRET
from environments.standin.client import StandIn

EQUIPMENT = "BP01.PACK.BAG1"
NOBODY = "00000000-0000-0000-0000-000000000000"
MIB = 1024 * 1024
NEEDS_MORE = {
    "statistics-zero": "it is a lie about a database that is down",
    "documentation-open": "its description is open in a staging shape anyway",
    "wait-missing": "an address must ask too often first, as in test_api.py",
}


class Visitor:
    """Somebody who looks: at one replica, at the last live one, and through the front door."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        given = standin.references
        trust = ssl.create_default_context(cafile=given["ca_file"])
        self.first = httpx.Client(base_url=given["blue_1"], timeout=10)
        self.second = httpx.Client(base_url=given["blue_2"], timeout=10)
        self.name = given["api_host"]  # it need not resolve on this machine
        address, host = f"https://127.0.0.1:{given['https_port']}", f"{self.name}:{given['https_port']}"
        self.door = httpx.Client(base_url=address, verify=trust, headers={"Host": host, "Connection": "close"}, timeout=10)
        self.tokens = {account.role: self.login(account.role) for account in ROLE_ACCOUNTS if account.role in USED}
        self.line = self.get("production/lines").json()[0]["id"]

    def login(self, role: str) -> dict[str, Any]:
        account = next(account for account in ROLE_ACCOUNTS if account.role == role)
        answer = self.first.post("/api/v1/auth/login", json={"username": account.username, "password": account.password})
        content: dict[str, Any] = answer.json()
        return content

    def get(self, path: str, role: str = "admin", token: str = "", at: str = "first") -> httpx.Response:
        path = path if path.startswith("/") else "/api/v1/" + path.replace("{line}", getattr(self, "line", ""))
        client: httpx.Client = getattr(self, at)
        bearer = {"Authorization": f"Bearer {token or self.tokens[role]['access_token']}"}
        return client.get(path, headers=bearer, extensions={"sni_hostname": self.name})

    def write(self, path: str, *, csrf: bool = True, method: str = "POST", **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['admin']['access_token']}"}
        if csrf:
            headers["X-CSRF-Token"] = self.get("auth/profile").headers["X-CSRF-Token"]
        return self.first.request(method, f"/api/v1/{path}", headers=headers, **content)

    def remove(self, path: str) -> None:
        assert self.write(path, method="DELETE").status_code == 200

    def upload(self, content: bytes, kind: str) -> int:
        return self.write("upload/", files={"file": ("name", content, kind)}).status_code

    def statuses(self, token: str) -> list[int]:
        """What a token is answered with at both live replicas."""
        return [self.get("auth/profile", token=token, at=at).status_code for at in ("first", "second")]

    def make_line(self) -> tuple[int, bool]:
        """The answer to a line without CSRF token, and whether there is one then; it goes again."""
        status = self.write("production/lines", csrf=False, json={"line_code": "L-FORGED", "name": "Forged"}).status_code
        made = [line["id"] for line in self.get("production/lines").json() if line["line_code"] == "L-FORGED"]
        for one in made:
            self.remove(f"production/lines/{one}")
        return status, bool(made)

    def measured(self, name: str) -> Any:
        """What OEE a line has at which nothing was measured."""
        made = self.write("production/lines", json={"line_code": f"L-{name}", "name": "Unmeasured"}).json()["id"]
        try:
            return self.get(f"oee/lines/{made}").json()["oee"]
        finally:
            self.remove(f"production/lines/{made}")

    def logged_out(self) -> list[int]:
        token = self.login("viewer")["access_token"]
        self.first.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {token}"})
        return self.statuses(token)

    def deactivated(self) -> int:
        """What the token of an account that was switched off is answered with; the account goes again."""
        new = {"username": f"trial.{uuid.uuid4().hex}", "password": "Trial-person-4711", "role": "viewer"}
        made = self.write("users/", json=new | {"email": f"{new['username']}@plant.ms5.localhost"}).json()["id"]
        token = self.first.post("/api/v1/auth/login", json=new).json()["access_token"]
        self.write(f"users/{made}/deactivate")
        status = self.get("auth/profile", token=token).status_code
        self.remove(f"users/{made}")
        return status

    def forged(self, key: str | None) -> int:
        """What a token of one's own making is answered with: unsigned, or signed with a key."""
        claims = jwt.decode(self.tokens["viewer"]["access_token"], options={"verify_signature": False})
        token = jwt.encode(claims, key or "", "HS256" if key else "none")
        return self.get("auth/profile", token=token).status_code


USED = ("admin", "operator", "viewer", "engineer")
Look = Callable[[Visitor], Any]
MISSPELT = {"username": ["x"], "password": "hunter2"}


def fresh(visitor: Visitor) -> bool:
    first, second = (visitor.get("equipment/status").json()[0]["last_updated"] for _ in range(2))
    return bool(first < second)


def life_days(visitor: Visitor) -> int:
    token = visitor.login("viewer")["access_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return int((claims["exp"] - claims["iat"]) // 86400)


def leaks(visitor: Visitor) -> tuple[int, bool]:
    answer = visitor.get("production/lines/x")
    return answer.status_code, "app/" in answer.text


def challenge(visitor: Visitor) -> bool:
    return "WWW-Authenticate" in visitor.first.get("/api/v1/production/lines").headers


# What a look sees of a healthy stand-in, and what under the fault.
LOOKS: dict[str, tuple[Look, Any, Any]] = {
    "equipment-invented": (lambda v: v.get("equipment/NOPE/status").status_code, 404, 200),
    "status-stale": (fresh, True, False),
    "oee-above-one": (lambda v: v.get("oee/lines/{line}/current").json()["oee"] > 1, False, True),
    "oee-invented": (lambda v: v.measured("NONE"), None, 0.846),
    "priority-unknown": (lambda v: v.get("andon/events").json()[0]["priority"] == "urgent", False, True),
    "dashboard-line-too-many": (lambda v: len(v.get("dashboard/lines").json()) - len(v.get("production/lines").json()), 0, 1),
    "equipment-forgotten": (lambda v: len(v.get("equipment/status").json()), 2, 1),
    "andon-counted-wrong": (lambda v: agreeing(v, "first"), True, False),
    "one-replica-counts-wrong": (lambda v: (agreeing(v, "first"), agreeing(v, "second")), (True, True), (True, False)),
    "jobs-hidden": (lambda v: v.get("jobs/my-jobs").status_code, 200, 404),
    "prefix-doubled": (lambda v: v.get("api/v1/production/lines").status_code, 404, 200),
    "error-with-internals": (leaks, (404, False), (500, True)),
    "error-echoes-password": (lambda v: "hunter2" in v.first.post("/api/v1/auth/login", json=MISSPELT).text, False, True),
    "error-without-envelope": (lambda v: "error" in v.get("nowhere").json(), True, False),
    "error-without-request-id": (lambda v: "request_id" in v.get("nowhere").json()["error"], True, False),
    "request-id-missing": (lambda v: "X-Request-ID" in v.get("production/lines", at="door").headers, True, False),
    "challenge-missing": (challenge, True, False),
    "upload-unlimited": (lambda v: v.upload(b"%PDF-" + b"0" * 10 * MIB, "application/pdf"), 413, 201),
    "upload-any-type": (lambda v: v.upload(b"<script>", "text/html"), 415, 201),
    "csrf-unchecked": (Visitor.make_line, (403, False), (201, True)),
    "csrf-after-execution": (Visitor.make_line, (403, False), (403, True)),
    "viewer-reads-downtime": (lambda v: v.get("downtime/events", "viewer").status_code, 403, 200),
    "engineer-lost-reports": (lambda v: v.get("reports/", "engineer").status_code, 200, 403),
    "denial-masked-for-viewers": (
        lambda v: [v.get("production/schedules", role).status_code for role in ("viewer", "operator")], [403, 403], [500, 403]),
    "everybody-audits": (lambda v: v.get("/security/audit-log", "viewer").status_code, 403, 200),
    "logout-forgotten": (Visitor.logged_out, [401, 401], [200, 200]),
    "one-replica-forgets-logout": (Visitor.logged_out, [401, 401], [401, 200]),
    "deactivated-let-in": (Visitor.deactivated, 401, 200),
    "tokens-endless": (life_days, 0, 3650),
    "unsigned-let-in": (lambda v: v.forged(None), 401, 200),
    "secret-published": (lambda v: v.forged(PUBLISHED_SECRET), 401, 200),
    "refresh-as-access": (lambda v: v.get("auth/profile", token=v.tokens["viewer"]["refresh_token"]).status_code, 401, 200),
    "expiry-told-wrong": (lambda v: v.login("viewer")["expires_in"], 3600, 86400),
}  # fmt: skip


def agreeing(visitor: Visitor, at: str) -> bool:
    events, statistics = (visitor.get(f"andon/{path}", at=at).json() for path in ("events", "statistics"))
    return len(events) == statistics["total_events"]


@pytest.fixture(scope="module")
def visitor(kept_up: StandIn) -> Iterator[Visitor]:
    visitor = Visitor(kept_up)
    yield visitor
    kept_up.switch()
    for client in (visitor.first, visitor.second, visitor.door):
        client.close()


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("fault", LOOKS)
def test_each_fault_is_seen_and_goes(visitor, fault):
    """A look sees what is right, then what the fault makes of it, then what is right."""
    look, right, wrong = LOOKS[fault]
    assert look(visitor) == right

    visitor.standin.switch([fault])
    try:
        assert look(visitor) == wrong
    finally:
        visitor.standin.switch()
    assert look(visitor) == right


def test_every_fault_has_a_look():
    """No fault of the API is without a look, but for those that need more than one."""
    assert {row[0] for row in API_FAULTS} == LOOKS.keys() | NEEDS_MORE.keys()
