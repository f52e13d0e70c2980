"""``--plan``: every look of a run before it is made, for those who must allow it. Nothing is touched."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

import pytest

from fixtures.environment import AIM, Aim, aim_of
from fixtures.evidence import Exchange
from fixtures.fit import sentence_for
from fixtures.guard import scrubber_of
from fixtures.plan import Foreseen, Plan, plan_of
from fixtures.rollout import PAUSE_SECONDS
from fixtures.run import OUT
from reports.record import Folder

AT_LEAST = "An answer can decide what is asked next, so every count is at least."

# What one exchange of a client is called in a total.
UNITS = {
    "http": "request", "websocket": "conversation", "database": "question", "cache": "command",
    "workers": "inspection", "dns": "look-up", "tls": "handshake", "tcp": "connection",
}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gate")
    group.addoption("--plan", action="store_true", help="Print every look of a run, touch nothing, and stop.")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A plan needs a target and no workers. Raises UsageError."""
    if config.getoption("plan"):
        if not config.getoption("env"):
            raise pytest.UsageError("--plan needs a target, and there is no default one: add --env=NAME")
        config.option.dist, config.option.tx = "no", []


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Print instead of running. Raises UsageError when something would have been touched."""
    config = session.config
    if not config.getoption("plan") or AIM not in config.stash or session.testsfailed:
        return None
    plan, clean = plan_of(config, session.items), scrubber_of(config).clean
    content = clean(json.dumps(facts(plan, aim_of(config)), indent=2, ensure_ascii=False))
    Folder(config.stash[OUT]).write("plan.json", content + "\n")
    text = "\n".join((*preface(config), *lines(plan, aim_of(config))))
    print(content if config.getoption("json") else clean(text))
    if plan.stopped:
        raise pytest.UsageError(
            f"the plan reached for the target ({', '.join(dict.fromkeys(plan.stopped))}) and was stopped: the client of a look "
            "marked NOT FORESEEN does not return ANYTHING where its exchange is pretended"
        )
    return True


# ---- for people ----------------------------------------------------------------------------------------------


def preface(config: pytest.Config) -> Iterator[str]:
    """What is done before the first look, and where names lead that the DNS is not asked for."""
    if version := config.getoption("wait_for_release"):
        yield f"first, every {PAUSE_SECONDS:g} s for up to {config.getoption('within'):g} s: GET /health of every replica until {version} runs"
    yield from (f"{host} is reached at {address}: [network.resolve]" for host, address in aim_of(config).target.network.resolve.items())


def lines(plan: Plan, aim: Aim) -> Iterator[str]:
    """The plan as a change board reads it: grounds, looks, what is not looked at, and what it comes to."""
    yield from ("", "beside the checks: whose turn it is, which environment it says that it is, and that it stays the same")
    for look in plan.identity:
        yield from told(look)
    yield from ("", "grounds: each is looked at once, before what stands on it")
    for ground in plan.grounds:
        yield from told(ground)
    yield from ("", "looks: all at once, as far as the budgets let them")
    for look in plan.looks:
        yield from told(look)
    if plan.not_looked_at:
        yield from ("", "not looked at")
        yield from (f"  {name:44} {reason}" for name, reason in plan.not_looked_at.items())
    yield from ("", f"in all  {AT_LEAST}")
    for (at, client, unit), number in sorted(totals(plan).items()):
        yield f"  {at:44} {client:10} {number:4} {unit}{'s' if number > 1 else ''}"
    yield from budget_lines(plan, aim)


def told(look: Foreseen) -> Iterator[str]:
    """One look: who uses it, and each thing that it asks."""
    manner = f"  [{look.manner}]" if look.manner else ""
    again = f"  [again until it holds, for {look.within_seconds:g} s]" if look.within_seconds else ""
    yield f"  {look.name:36} {', '.join(look.checks)}{manner}{again}".rstrip()
    for exchange, repeated in groupby(look.exchanges):
        yield from asked(exchange, len(list(repeated)))
    if look.logins:
        yield f"      {'':10} takes {look.logins} of the log-ins"
    if look.unforeseen:
        yield f"      NOT FORESEEN beyond this: {look.unforeseen}"
    if look.absent:
        yield f"      absent: {look.absent}"


def asked(exchange: Exchange, times: int) -> Iterator[str]:
    """One exchange, with how often it is made in a row, and by whom."""
    often = f"{times} x " if times > 1 else ""
    where = "" if exchange.at.rpartition(":")[0] in exchange.question else f" at {exchange.at}"
    manner = "writes" if exchange.writes else "reads"
    yield f"      {exchange.client:10} {manner:6} {often}{exchange.question}{where}  as {exchange.role}"


def budget_lines(plan: Plan, aim: Aim) -> Iterator[str]:
    """What the run takes of each budget, and whether it fits."""
    gate = aim.target.gate
    yield ""
    for demand in plan.demands:
        pace = f"[gate] {demand.key} = {getattr(gate, demand.key):g}"
        yield f"  {demand.what:44} {demand.number:4}  at least {demand.least_seconds:.1f} s by {pace}"
    fits = f"fits: at least {plan.least_seconds:.1f} s of [gate] budget_seconds = {gate.budget_seconds:g}"
    yield f"  {sentence_for(plan, aim) or fits}"


def totals(plan: Plan) -> Counter[tuple[str, str, str]]:
    """How many of what is asked of each address by each client."""
    exchanges = [exchange for look in (*plan.identity, *plan.grounds, *plan.looks) for exchange in look.exchanges]
    return Counter((exchange.at, exchange.client, unit(exchange)) for exchange in exchanges)


def unit(exchange: Exchange) -> str:
    """What one such exchange is called."""
    return "frame" if exchange.question.startswith("say ") else UNITS.get(exchange.client, "exchange")


# ---- for machines --------------------------------------------------------------------------------------------


def facts(plan: Plan, aim: Aim) -> dict[str, Any]:
    """The plan as ``plan.json``."""
    return {
        "environment": aim.name,
        "counts_are": "at least",
        "identity": [foreseen(look) for look in plan.identity],
        "grounds": [foreseen(ground) for ground in plan.grounds],
        "looks": [foreseen(look) for look in plan.looks],
        "not_looked_at": dict(plan.not_looked_at),
        "totals": [{"at": at, "client": client, "unit": unit, "number": number} for (at, client, unit), number in totals(plan).items()],
        "demands": [asdict(demand) for demand in plan.demands],
        "least_seconds": plan.least_seconds,
        "budget_seconds": aim.target.gate.budget_seconds,
        "fits": not sentence_for(plan, aim),
    }


def foreseen(look: Foreseen) -> dict[str, Any]:
    """One look of it."""
    exchanges = [
        {"client": seen.client, "question": seen.question, "role": seen.role, "at": seen.at, "writes": seen.writes}
        for seen in look.exchanges
    ]
    return {**vars(look), "requests": dict(look.requests), "exchanges": exchanges}
