"""What Grafana's three data sources answer, as the data frames of its API."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg

from environments.standin.monitoring.redis_words import ask

Source = dict[str, Any]
Query = dict[str, Any]
Frame = dict[str, Any]
Field = tuple[str, str, dict[str, str]]  # name, type, labels
SECONDS = 5
STEPS = 100
REDIS_READS = ("DBSIZE", "INFO", "LLEN", "PING", "XLEN")


class QueryFailed(Exception):
    """A data source could not answer; the sentence says why."""


def frame(ref: str, fields: Sequence[Field], values: Sequence[Sequence[Any]]) -> Frame:
    """Columns and their values."""
    described = [{"name": name, "type": kind, "labels": labels} for name, kind, labels in fields]
    return {"schema": {"refId": ref, "fields": described}, "data": {"values": values}}


# ---- Prometheus ----------------------------------------------------------------------------------------------


def prometheus(source: Source, query: Query, window: tuple[float, float]) -> list[Frame]:
    """One frame a series; `instant` asks for now, anything else for the whole window."""
    begin, end = window
    if query.get("instant"):
        path, words = "query", {"query": query["expr"], "time": end}
    else:
        step = max((end - begin) / STEPS, 1)
        path, words = "query_range", {"query": query["expr"], "start": begin, "end": end, "step": step}
    data = get(f"{source['url']}/api/v1/{path}?{urlencode(words)}")["data"]
    if data["resultType"] == "scalar":
        return [series(query["refId"], {}, [data["result"]])]
    return [series(query["refId"], one["metric"], one.get("values") or [one["value"]]) for one in data["result"]]


def series(ref: str, labels: dict[str, str], points: Iterable[tuple[float, str]]) -> Frame:
    times, values = zip(*((int(at * 1000), number(value)) for at, value in points), strict=True)
    return frame(ref, [("Time", "time", {}), ("Value", "number", labels)], [times, values])


def number(value: str) -> float | None:
    """JSON knows no NaN."""
    found = float(value)
    return found if found - found == 0 else None


def get(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise QueryFailed(error.read().decode(errors="replace")) from error
    except OSError as error:
        raise QueryFailed(f"{urlsplit(url).netloc} does not answer: {error}") from error


# ---- PostgreSQL ----------------------------------------------------------------------------------------------


def postgresql(source: Source, query: Query, window: tuple[float, float]) -> list[Frame]:
    """One frame with the answer's columns."""
    host, _, port = source["url"].partition(":")
    options = source["jsonData"]
    try:
        with psycopg.connect(
            host=host, port=port, user=source["user"], password=source["secureJsonData"]["password"],
            dbname=source["database"], sslmode=options["sslmode"], sslrootcert=options["sslRootCertFile"],
            connect_timeout=SECONDS, application_name="grafana",
        ) as connection:  # fmt: skip
            answer = connection.execute(query["rawSql"])
            rows, names = answer.fetchall(), [column.name for column in answer.description or ()]
    except psycopg.Error as error:
        raise QueryFailed(str(error).strip()) from error
    columns = [[plain(value) for value in column] for column in zip(*rows, strict=True)] or [[] for _ in names]
    kinds = [kind_of(column) for column in zip(*rows, strict=True)] or ["string"] * len(names)
    return [frame(query["refId"], [(name, kind, {}) for name, kind in zip(names, kinds, strict=True)], columns)]


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return float(value) if isinstance(value, Decimal) else value


def kind_of(column: Iterable[Any]) -> str:
    first = next((value for value in column if value is not None), "")
    kinds = {bool: "boolean", int: "number", float: "number", Decimal: "number", datetime: "time", date: "string"}
    return kinds.get(type(first), "string")


# ---- Redis ---------------------------------------------------------------------------------------------------


def redis(source: Source, query: Query, window: tuple[float, float]) -> list[Frame]:
    """The answer to one reading command; INFO as a column a fact."""
    command = str(query["command"]).upper()
    if command not in REDIS_READS:
        raise QueryFailed(f"command {command} is not one of {', '.join(REDIS_READS)}")
    words = [query[word] for word in ("section", "keyName") if query.get(word)]
    try:
        reply = ask(urlsplit(source["url"]).port or 6379, source["secureJsonData"]["password"], command, *words)
    except OSError as error:
        raise QueryFailed(f"Redis: {error}") from error
    facts = info(str(reply)) if command == "INFO" else {"Value": reply}
    fields: list[Field] = [(name, kind_of([value]), {}) for name, value in facts.items()]
    return [frame(query["refId"], fields, [[value] for value in facts.values()])]


def info(text: str) -> dict[str, Any]:
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith("#"))
    return {name: float(value) if value.replace(".", "", 1).isdigit() else value for name, value in pairs}


# ---- all of them ---------------------------------------------------------------------------------------------

ANSWERS: dict[str, Callable[[Source, Query, tuple[float, float]], list[Frame]]] = {
    "prometheus": prometheus,
    "grafana-postgresql-datasource": postgresql,
    "redis-datasource": redis,
}
TRIALS: dict[str, Query] = {
    "prometheus": {"expr": "1 + 1", "instant": True},
    "grafana-postgresql-datasource": {"rawSql": "select 1"},
    "redis-datasource": {"command": "PING"},
}


def result(source: Source, query: Query, window: tuple[float, float]) -> dict[str, Any]:
    """One query's entry of the answer to /api/ds/query."""
    try:
        return {"status": 200, "frames": ANSWERS[source["type"]](source, query, window)}
    except (QueryFailed, KeyError) as failure:
        return {"status": 400, "error": str(failure), "frames": []}


def trial(source: Source) -> str:
    """Why a data source does not work, or nothing."""
    tried = result(source, {"refId": "health", **TRIALS[source["type"]]}, (time.time(), time.time()))
    return str(tried.get("error", ""))
