"""The gate's own eyes: each way in which a client goes blind is caught by the controls of its protocol."""

import ssl
import threading
import time
from dataclasses import replace
from functools import cached_property
from socket import MSG_PEEK
from types import SimpleNamespace

import psycopg
import pytest
import redis
import websockets.client

import fixtures.api
import fixtures.network
from environments.standin.client import references_placeholder
from fixtures import eyesight, twins
from fixtures.api import Answer, Web
from fixtures.cache import Cache
from fixtures.check import Check, Severity, clients_taken
from fixtures.clients import registry
from fixtures.controls import CONTROLS, needed
from fixtures.database import CONNECT_SECONDS, Database
from fixtures.deployment import Doors, Handshake
from fixtures.environment import load, secrets_in, written
from fixtures.errors import CouldNotTell, Unreachable
from fixtures.eyesight import Eyesight, look_at_twin
from fixtures.guard import NotPermitted
from fixtures.network import Network
from fixtures.run import RunId
from fixtures.twins import Twin
from fixtures.values import Address
from tests.conftest import ROOT

PROTOCOLS = {control.protocol for control in CONTROLS}


@pytest.fixture
def known(request):
    """The clients and grounds of the gate."""
    return registry(request.config)


@pytest.fixture
def target():
    """An environment that has everything, and TLS everywhere."""
    given = {"set": ["database.tls=verify-full", "cache.tls=true", "network.ca_file=system"], "slot": None}
    configured = SimpleNamespace(rootpath=ROOT, getoption=given.__getitem__)
    return load(configured, references_placeholder(), written(configured, ROOT / "environments" / "local")).target


@pytest.fixture
def tried(target, known):
    """Have every control look, and say what came of it by protocol."""

    def look(controls=CONTROLS, look_seconds=10.0):
        sight = Eyesight(controls, lambda control: look_at_twin(control, target, RunId("trial"), known), look_seconds)
        return {seen.control.protocol: seen for seen in sight.seen}

    return look


def test_good_eyes_find_every_twin_broken(tried):
    """Clients as they are find each twin broken, for what is wrong with it, and the record says what they said."""
    seen = tried()

    assert [sight.trouble for sight in seen.values() if sight.trouble] == []
    assert set(seen) == PROTOCOLS
    assert seen["SQL"].entry["said"].endswith("cannot be reached: FATAL: the database system is starting up")


# ---- ways to go blind, each as such clients go blind --------------------------------------------------------------


def swallowing(function, instead):
    """The function, with ``instead`` where it would say that it could not tell."""

    def swallow(*arguments, **options):
        try:
            return function(*arguments, **options)
        except CouldNotTell:
            return instead

    return swallow


def lax(**settings):
    """A trust store with these settings on the network's own."""
    own = Network.trust.func

    def trust(self):
        context = own(self)
        for name, value in settings.items():
            setattr(context, name, value)
        return context

    prepared = cached_property(trust)
    prepared.__set_name__(Network, "trust")
    return prepared


def unverified_transport(network, limits, proxy):
    """HTTP over a transport that verifies nothing."""
    import httpx

    return httpx.HTTPTransport(verify=False, limits=limits)


def always_fine(ask=Web.ask):
    """Every HTTP status is 200."""
    return lambda *arguments, **options: replace(ask(*arguments, **options), status=200)


def any_digest(_):
    """The digest that the twin sends, whatever the key."""
    return twins.WRONG_UPGRADE.partition(b"Accept: ")[2].strip().decode()


def unverified_sql(connect=psycopg.connect):
    """TLS to PostgreSQL without verification."""
    weak = {"sslmode": "require", "sslrootcert": None}
    return lambda **options: connect(**{**options, **(weak if options["sslmode"] == "verify-full" else {})})


class UnverifiedRedis(redis.Redis):
    """TLS to Redis without verification."""

    def __init__(self, **options):
        super().__init__(**options, **({"ssl_cert_reqs": "none", "ssl_check_hostname": False} if options["ssl"] else {}))


BLIND = {
    "certificates are not verified": (
        lambda: (Network, "trust", lax(check_hostname=False, verify_mode=ssl.CERT_NONE)),
        {"HTTP over TLS", "TLS", "TLS names", "WebSocket over TLS"},
    ),
    "names are not verified": (
        lambda: (Network, "trust", lax(check_hostname=False)),
        {"HTTP over TLS", "TLS names", "WebSocket over TLS"},
    ),
    "the transport verifies nothing": (lambda: (fixtures.network, "resolving_transport", unverified_transport), {"HTTP over TLS"}),
    "every answer is 200": (lambda: (Web, "ask", always_fine()), {"HTTP", "log-in"}),
    "any status will do": (lambda: (Answer, "require", lambda self, _: self), {"log-in"}),
    "a bad certificate is no problem": (
        lambda: (Doors, "handshake", lambda *_: Handshake("door", "")),
        {"TLS", "TLS names"},
    ),
    "any handshake will do": (lambda: (websockets.client, "accept_key", any_digest), {"WebSocket"}),
    "SQL errors are swallowed": (lambda: (Database, "ask", swallowing(Database.ask, [])), {"SQL", "SQL over TLS"}),
    "SQL over TLS is not verified": (lambda: (psycopg, "connect", unverified_sql()), {"SQL over TLS"}),
    "Redis errors are swallowed": (lambda: (Cache, "_say", swallowing(Cache._say, None)), {"Redis", "Redis over TLS"}),
    "Redis over TLS is not verified": (lambda: (redis, "Redis", UnverifiedRedis), {"Redis over TLS"}),
}


@pytest.mark.parametrize("way", BLIND)
def test_each_way_to_go_blind_is_caught(way, tried, monkeypatch):
    """A client that goes blind is caught by the controls of its protocol, and by no other."""
    blinded, caught_by = BLIND[way]
    monkeypatch.setattr(*blinded())
    seen = tried()

    assert {protocol for protocol, sight in seen.items() if sight.trouble} == caught_by


def test_every_control_has_caught_something():
    """No control stands there that nothing was ever caught by."""
    assert set().union(*(caught_by for _, caught_by in BLIND.values())) == PROTOCOLS


# ---- what is no sight either ---------------------------------------------------------------------------------------


def only(protocol):
    return [control for control in CONTROLS if control.protocol == protocol]


def raising(problem):
    def ask(*_, **__):
        raise problem

    return ask


def test_a_twin_that_looks_healthy_is_told(tried, monkeypatch):
    """The sentence names the protocol, the ground and what is wrong with the twin."""
    monkeypatch.setattr(Database, "ask", lambda *_: [])

    assert tried(only("SQL"))["SQL"].trouble == (
        "the control of SQL looked healthy: database.reachable held on a server that refuses everybody"
    )


def test_a_client_that_does_not_ask_is_told(tried, monkeypatch):
    """A client that says the right thing without having knocked sees nothing."""
    monkeypatch.setattr(Web, "ask", raising(Unreachable("nobody is there")))

    assert tried(only("HTTP"))["HTTP"].trouble == "the control of HTTP was never asked: api.reachable says nobody is there"


def test_a_client_that_is_wrong_for_another_reason_is_told(tried, monkeypatch):
    """To be stopped by the gate's own guard is not to have seen what is wrong."""
    monkeypatch.setattr(fixtures.api, "require_read", raising(NotPermitted("not sent")))

    assert "api.reachable says NotPermitted where Unreachable belongs" in tried(only("HTTP"))["HTTP"].trouble


def test_a_twin_that_cannot_be_made_is_told(tried, monkeypatch):
    """Where no port can be had, nothing was tried."""
    monkeypatch.setattr(twins, "create_server", raising(OSError("too many open files")))

    assert tried(only("HTTP"))["HTTP"].trouble == "the control of HTTP could not be made: OSError: too many open files"


def test_a_control_that_hangs_holds_nothing_up(tried, monkeypatch):
    """A control has the time of a look and a moment more."""
    monkeypatch.setattr(eyesight, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(Cache, "ask", lambda *_: threading.Event().wait(20))
    started = time.monotonic()
    seen = tried(only("Redis"), look_seconds=0.2)

    assert seen["Redis"].trouble == "the control of Redis brought no answer within 0.2 s"
    assert time.monotonic() - started < 10


def test_a_target_that_hangs_blinds_nobody(tried, target):
    """While the target's PostgreSQL accepts and says nothing, the control of SQL still sees its twin."""
    with Twin(lambda _: threading.Event().wait(CONNECT_SECONDS + 2)) as silent:
        hanging = replace(target.database, address=Address(f"{silent.host}:{silent.port}"), tls="disable")
        aimed = replace(target, database=hanging, network=replace(target.network, ca_file=str(twins.CERTIFICATE)))
        own = Database(aimed, Network(aimed, RunId("trial")), RunId("trial"))
        threading.Thread(target=swallowing(own.ask, []), args=("ping",), daemon=True).start()
        ends_at = time.monotonic() + 5
        while not silent.knocks and time.monotonic() < ends_at:
            time.sleep(0.01)

        assert tried(only("SQL"), look_seconds=0.2)["SQL"].trouble == ""


def test_twins_learn_no_secret(target, known):
    """What the environment keeps secret is not told to a twin."""
    heard = []

    def listening(answer):
        return lambda connection: (heard.append(connection.recv(twins.ENOUGH_BYTES, MSG_PEEK)), answer(connection))

    for control in CONTROLS:
        look_at_twin(replace(control, answer=listening(control.answer)), target, RunId("trial"), known)

    assert len(heard) >= len(CONTROLS)
    assert not [secret for secret in secrets_in(target) for words in heard if secret.encode() in words]


# ---- which are tried ----------------------------------------------------------------------------------------------


def check_of(probe, *needs):
    return Check("trial.fact", Severity.NORMAL, (), probe, needs)


def test_only_what_is_used_is_controlled(target, known):
    """A check of the API over HTTP has the controls of HTTP, and no database is thought of."""
    clients = clients_taken(known, [check_of(lambda api, path: api.get(path))])

    assert {control.protocol for control in needed(target, clients)} == {"HTTP", "HTTP over TLS"}


def test_what_grounds_use_is_controlled(target, known):
    """What a check stands on is controlled too: a log-in that fails is explained by the stores."""
    clients = clients_taken(known, [check_of(lambda user: user.get("/"), "api.logged-in")])

    assert PROTOCOLS - {control.protocol for control in needed(target, clients)} == {"WebSocket", "WebSocket over TLS"}
