"""Stands in for Grafana: the part of its HTTP API that tells of its health, data sources, dashboards and their data.

`python -m environments.standin.monitoring.grafana FOLDER SOCKET`. Accounts and data sources are in `settings.json`,
dashboards in `dashboards/`; both are read when they are asked for. It shows no page.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from environments.standin.monitoring.exposition import Sample, text
from environments.standin.monitoring.grafana_queries import result, trial
from environments.standin.monitoring.web import METRICS, Answer, Request, Route, serve

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Grafana:
    """One Grafana, as its folder says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()

    @property
    def settings(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "settings.json").read_text("utf-8"))
        return found

    def dashboards(self) -> dict[str, dict[str, Any]]:
        """Each dashboard by its uid."""
        found = [json.loads(path.read_text("utf-8")) for path in sorted((self.folder / "dashboards").glob("*.json"))]
        return {one["uid"]: one for one in found}

    def source(self, uid: str) -> dict[str, Any] | None:
        return next((one for one in self.settings["datasources"] if one["uid"] == uid), None)

    # ---- who may enter

    def guard(self, request: Request) -> Answer | None:
        """A refusal, unless somebody known asks or anybody may."""
        settings, given = self.settings, request.headers.get("authorization", "")
        scheme, _, credentials = given.partition(" ")
        if scheme == "Bearer" and any(hmac.compare_digest(credentials, token) for token in settings["tokens"]):
            return None
        if scheme == "Basic" and is_known(settings["users"], credentials):
            return None
        if not given and settings["anonymous"]:
            return None
        message = "Invalid username or password" if scheme == "Basic" else "Unauthorized"
        return Answer({"message": message, "statusCode": 401, "traceID": ""}, 401)

    # ---- what is answered

    def health(self, request: Request) -> Answer:
        return Answer({"database": "ok", "version": self.settings["version"], "commit": "standin"})

    def metrics(self, request: Request) -> Answer:
        samples = [
            Sample("grafana_build_info", 1, {"version": self.settings["version"], "edition": "standin"}),
            Sample("grafana_stat_totals_dashboard", len(self.dashboards())),
            *(
                Sample("grafana_datasource_request_total", count, {"datasource": uid})
                for uid, count in self.asked.items()
            ),
        ]
        return Answer(text(samples), kind=METRICS)

    def user(self, request: Request) -> Answer:
        return Answer({"id": 1, "login": next(iter(self.settings["users"])), "orgId": 1, "isGrafanaAdmin": True})

    def sources(self, request: Request) -> Answer:
        return Answer([shown(source) for source in self.settings["datasources"]])

    def one_source(self, request: Request) -> Answer:
        source = self.source(request.named["uid"])
        return Answer(shown(source)) if source else Answer({"message": "Data source not found"}, 404)

    def source_health(self, request: Request) -> Answer:
        source = self.source(request.named["uid"])
        if source is None:
            return Answer({"message": "Data source not found"}, 404)
        if why := trial(source):
            return Answer({"status": "ERROR", "message": why}, 400)
        return Answer({"status": "OK", "message": "Data source is working"})

    def search(self, request: Request) -> Answer:
        wanted = request.query.get("query", "").lower()
        found = [one for one in self.dashboards().values() if wanted in one["title"].lower()]
        return Answer([listed(number, one) for number, one in enumerate(found, 1)])

    def dashboard(self, request: Request) -> Answer:
        found = self.dashboards().get(request.named["uid"])
        if found is None:
            return Answer({"message": "Dashboard not found"}, 404)
        return Answer({"meta": {"type": "db", "slug": found["uid"], "provisioned": True}, "dashboard": found})

    def query(self, request: Request) -> Answer:
        """`{queries: [{refId, datasource: {uid}, …}], from, to}` → `{results: {refId: {status, frames}}}`."""
        asked = json.loads(request.body)
        window = moment(asked.get("from", "now-5m")), moment(asked.get("to", "now"))
        results = {one["refId"]: self.answer(one, window) for one in asked["queries"]}
        status = max((one["status"] for one in results.values()), default=400)
        return Answer({"results": results}, status)

    def answer(self, query: dict[str, Any], window: tuple[float, float]) -> dict[str, Any]:
        uid = query["datasource"]["uid"]
        source = self.source(uid)
        self.asked[uid] += 1
        return (
            result(source, query, window) if source else {"status": 404, "error": "data source not found", "frames": []}
        )

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/health", self.health),
            Route("GET", "/metrics", self.metrics),
            Route("GET", "/api/user", self.user, open=False),
            Route("GET", "/api/datasources", self.sources, open=False),
            Route("GET", r"/api/datasources/uid/(?P<uid>[\w-]+)", self.one_source, open=False),
            Route("GET", r"/api/datasources/uid/(?P<uid>[\w-]+)/health", self.source_health, open=False),
            Route("GET", "/api/search", self.search, open=False),
            Route("GET", r"/api/dashboards/uid/(?P<uid>[\w-]+)", self.dashboard, open=False),
            Route("POST", "/api/ds/query", self.query, open=False),
        )


def is_known(users: dict[str, str], credentials: str) -> bool:
    """Whether Basic credentials are a user's and right."""
    try:
        name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return name in users and hmac.compare_digest(password.encode(), users[name].encode())


def shown(source: dict[str, Any]) -> dict[str, Any]:
    """A data source without its secrets, only their names."""
    secret = source["secureJsonData"]
    told = {name: value for name, value in source.items() if name != "secureJsonData"}
    return told | {"orgId": 1, "readOnly": True, "secureJsonFields": dict.fromkeys(secret, True)}


def listed(number: int, dashboard: dict[str, Any]) -> dict[str, Any]:
    uid, title = dashboard["uid"], dashboard["title"]
    return {
        "id": number, "uid": uid, "title": title, "uri": f"db/{uid}", "url": f"/d/{uid}/{uid}", "type": "dash-db",
        "tags": dashboard["tags"], "isStarred": False,
    }  # fmt: skip


def moment(text: str) -> float:
    """Seconds since 1970 of `now-15m`, `now` or milliseconds."""
    found = re.fullmatch(r"now(?:-(\d+)([smhd]))?", text)
    if found is None:
        return float(text) / 1000
    return time.time() - int(found[1] or 0) * UNIT_SECONDS[found[2] or "s"]


if __name__ == "__main__":
    grafana = Grafana(Path(sys.argv[1]))
    serve(socket.socket(fileno=int(sys.argv[2])), grafana.routes(), grafana.guard)
