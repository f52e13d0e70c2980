"""The front door of the stand-in against section 7 of the contract."""

import gzip
import json
import socket
import ssl
import uuid
from pathlib import Path

import pytest

from environments.standin.parts.nginx import Nginx
from environments.standin.site import PUBLIC_HOSTS, SHAPES, placeholder
from tests.standin.knocking import Door

HOSTS = ("app", "api", "monitoring", "www")
ONCE = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ELEVEN_MIB = bytes(11 * 1024 * 1024)
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
FORBIDDEN = ("/.env", "/.git/config", "/assets/app.js.map", "/backup.sql", "/nginx.conf", "/index.html~", "/index.html.bak",
             "/.well/.htaccess", "/assets/../.env", "/config.ini", "/site.tar.gz")  # fmt: skip


@pytest.fixture(scope="session")
def door(kept_up):
    return Door(kept_up)


def guarded(answer):
    """Every security header exactly once, and nothing of the software's version."""
    for name, value in ONCE.items():
        assert answer.all(name) == [value], f"{name} on {answer.status}"
    (policy,) = answer.all("Content-Security-Policy")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.all("Server") == ["nginx"]
    assert len(answer.all("X-Request-ID")) == 1
    assert not answer.all("X-Powered-By")


SITUATIONS = {
    "page": (200, "/", {}),
    "api": (200, "/health", {}),
    "unknown": (404, "/nowhere", {}),
    "unknown-api": (404, "/api/v1/nowhere", {}),
    "no-token": (401, "/api/v1/production/lines", {}),
    "wrong-method": (405, "/", {"method": "POST"}),
    "too-large": (413, "/api/v1/upload", {"method": "POST", "body": ELEVEN_MIB}),
    "forbidden": (403, "/metrics", {}),
    "refused-socket": (401, "/ws", UPGRADE),
    "plain": (301, "/some/page?a=b", {"plain": True}),
    "www": (301, "/some/page?a=b", {"host": "www"}),
    "refused-preflight": (
        403,
        "/api/v1/production/lines",
        {"method": "OPTIONS", "Origin": "https://elsewhere.example"},
    ),
    "robots": (200, "/robots.txt", {}),
}


@pytest.mark.parametrize(("status", "path", "how"), SITUATIONS.values(), ids=SITUATIONS)
def test_every_answer_carries_each_security_header_once(door, status, path, how):
    """Pages, errors, redirects, refusals alike."""
    answer = door(path, **how)

    assert answer.status == status, answer.body
    guarded(answer)


def test_a_cached_page_is_not_sent_again_and_still_guarded(door):
    """304 with all headers, for an index that may be kept but must be asked for."""
    first = door("/")
    again = door("/", If_None_Match=first.header("ETag"))

    assert again.status == 304
    guarded(again)
    assert first.header("Cache-Control") == again.header("Cache-Control") == "no-cache"


def asset(door, suffix):
    index = door("/").body.decode()
    return next(word for word in index.split('"') if word.startswith("/assets/") and word.endswith(suffix))


def test_assets_are_kept_for_ever_and_compressed(door):
    """What has a hash in its name never changes; an error about it is not kept."""
    answer = door(asset(door, ".js"), Accept_Encoding="gzip")

    assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
    assert answer.header("Content-Encoding") == "gzip"
    assert gzip.decompress(answer.body)
    guarded(answer)
    assert door("/assets/app.00000000.js").all("Cache-Control") == []


def test_answers_of_the_api_are_not_kept_nor_compressed(door):
    """They hold what is so now, and secrets."""
    answer = door("/api/v1/auth/roles", Accept_Encoding="gzip")

    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("Content-Encoding") is None


@pytest.mark.parametrize("host", HOSTS)
def test_plain_http_leads_to_the_same_host(door, host):
    """301, path and query kept."""
    answer = door("/a/b?c=d", host, plain=True)

    assert (answer.status, answer.header("Location")) == (301, f"{door.origin(host)}/a/b?c=d")


def test_www_leads_to_the_front_end(door):
    """With path and query."""
    assert door("/a?b=c", "www").header("Location") == f"{door.origin('app')}/a?b=c"


def test_monitoring_that_is_away_is_said_to_be(door):
    """503 and a page that says so: the shared stand-in was started without Grafana (with it: test_monitoring.py)."""
    answer = door("/", "monitoring")

    assert answer.status == 503
    assert b"Monitoring is not running" in answer.body
    guarded(answer)


def handshake(door, host, context=None):
    context = context or door.trust()
    with (
        socket.create_connection(("127.0.0.1", door.port()), timeout=5) as line,
        context.wrap_socket(line, server_hostname=host) as tls,
    ):
        return tls.version(), tls.cipher()[0], tls.selected_alpn_protocol()


@pytest.mark.parametrize("host", PUBLIC_HOSTS)
def test_the_certificate_covers_every_name_and_http2_is_spoken(door, host):
    """TLS 1.3 and HTTP/2 for whoever can."""
    context = door.trust()
    context.set_alpn_protocols(["h2", "http/1.1"])
    version, _, protocol = handshake(door, host, context)

    assert (version, protocol) == ("TLSv1.3", "h2")


def limited_to(door, version, ciphers="ALL:@SECLEVEL=0"):
    context = door.trust()
    context.set_ciphers(ciphers)
    context.minimum_version = context.maximum_version = version
    return context


def test_tls_1_2_is_spoken_with_forward_secrecy(door):
    """Whatever the client would take."""
    version, cipher, _ = handshake(door, door.name("app"), limited_to(door, ssl.TLSVersion.TLSv1_2))

    assert version == "TLSv1.2"
    assert cipher.startswith("ECDHE-")
    assert "GCM" in cipher or "CHACHA20" in cipher


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"),
    ],
    ids=["1.0", "1.1", "weak cipher"],
)
def test_old_tls_and_weak_ciphers_are_refused(door, version, ciphers):
    """The handshake fails."""
    context = limited_to(door, version, ciphers)

    with pytest.raises(ssl.SSLError):
        handshake(door, door.name("app"), context)


def test_an_unknown_name_gets_no_certificate(door):
    """Nor does whoever names nobody."""
    context = door.trust()
    context.check_hostname = False

    for host in ("elsewhere.example", None):
        with pytest.raises(ssl.SSLError):
            handshake(door, host, context)


def test_an_unknown_host_gets_no_application(door):
    """Not by plain HTTP, and not behind a name that is known."""
    assert door("/health", said_host="elsewhere.example").status == 421
    with pytest.raises(ConnectionError):
        door("/health", plain=True, said_host="elsewhere.example")


@pytest.mark.parametrize("path", FORBIDDEN)
@pytest.mark.parametrize("host", ["app", "api", "monitoring"])
def test_leavings_are_not_served(door, host, path):
    """Dot files, maps, backups: 404 on every host."""
    assert door(path, host).status == 404


def test_no_forbidden_file_lies_in_the_front_end(door):
    """A file that is there is refused as well as one that is not."""
    hidden = Path(door.standin.folder) / "frontend" / ".env"
    hidden.write_text("SECRET=1")
    try:
        assert door("/.env").status == 404
    finally:
        hidden.unlink()


def preflight(door, origin, **more):
    return door(
        "/api/v1/production/lines", "api", "OPTIONS", Origin=origin, Access_Control_Request_Method="GET", **more
    )


def test_the_front_end_may_ask_the_api(door):
    """Its origin is named, credentials are allowed, and caches are told that it depends."""
    granted = preflight(door, door.origin("app"))
    answered = door("/api/v1/auth/roles", "api", Origin=door.origin("app"))

    assert granted.status == 204
    for answer in (granted, answered):
        assert answer.header("Access-Control-Allow-Origin") == door.origin("app")
        assert answer.header("Access-Control-Allow-Credentials") == "true"
        assert "Origin" in ", ".join(answer.all("Vary"))
        guarded(answer)


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.example", "null", "http://app.ms5.localhost", "https://app.ms5.localhost.elsewhere.example"],
)
def test_other_origins_may_not(door, origin):
    """Nothing of CORS is said to them, also beside an answer."""
    refused = preflight(door, origin)
    answered = door("/api/v1/auth/roles", "api", Origin=origin)

    assert refused.status == 403
    for answer in (refused, answered):
        assert [name for name, _ in answer.headers if name.lower().startswith("access-control-")] == []


def envelope(answer):
    return json.loads(answer.body)["error"]


@pytest.mark.parametrize(
    ("status", "path", "how"), [SITUATIONS[name] for name in ("unknown", "wrong-method", "too-large", "forbidden")]
)
def test_errors_of_the_door_have_the_envelope(door, status, path, how):
    """As those of the API."""
    answer = door(path, **how)

    assert set(envelope(answer)) == {"code", "message", "details", "timestamp", "request_id"}
    assert answer.header("Content-Type") == "application/json"
    assert envelope(answer)["request_id"] == answer.header("X-Request-ID")


def limits(door):
    references = door.standin.references
    return int(references["api_per_second"]), int(references["login_per_minute"])


def login(door, source, host="api"):
    body = json.dumps({"username": f"nobody-{uuid.uuid4()}", "password": "nothing"}).encode()
    return door("/api/v1/auth/login", host, "POST", source=source, body=body, Content_Type="application/json")


def test_an_address_that_logs_in_too_often_is_limited(door):
    """429 with Retry-After and the envelope, on whichever host, and nobody else is."""
    _, per_minute = limits(door)
    answers = [login(door, "127.0.0.41", host) for host in ("api", "app") * per_minute]
    limited = answers[per_minute:]

    assert [answer.status for answer in answers[:per_minute]] == [401] * per_minute
    assert {answer.status for answer in limited} == {429}
    assert envelope(limited[0])["code"] == "too_many_requests"
    assert int(limited[0].header("Retry-After")) == 60 // per_minute
    guarded(limited[0])
    assert login(door, "127.0.0.42").status == 401


def test_an_address_that_asks_too_often_is_limited(door):
    """429 for the API, never for health; whoever lives here is not."""
    per_second, _ = limits(door)
    tries = 5 * per_second
    statuses = [door("/api/v1/auth/roles", "api", source="127.0.0.43").status for _ in range(tries)]

    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= per_second
    assert {door("/health", "api", source="127.0.0.43").status for _ in range(tries)} == {200}
    assert door("/api/v1/auth/roles", "api").status == 200


def test_the_access_log_has_no_query(door):
    """A token in a query is not written down, here nor in the log of errors."""
    door("/ws?token=never-write-this-down", **UPGRADE)
    door("/a/b?token=never-write-this-down", plain=True)
    door("/api/v1/auth/roles?token=never-write-this-down", source="127.0.0.44")
    log = Path(door.standin.references["access_log"])

    assert "/a/b" in log.read_text()
    for one in log.parent.glob("*.log"):
        assert "never-write-this-down" not in one.read_text(errors="replace"), one


def test_a_client_that_says_nothing_is_not_waited_for(door):
    """The configuration bounds every kind of slowness."""
    text = "".join(configuration(door.standin.references["shape"]).values())

    for word in ("client_header_timeout", "client_body_timeout", "send_timeout", "keepalive_timeout"):
        assert word in text


def configuration(shape):
    from dataclasses import replace

    return Nginx(replace(placeholder(), shape=shape)).configuration()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_differ_where_the_contract_says(shape):
    """Preload and limits; every word is filled in."""
    texts = configuration(shape)
    whole = "".join(texts.values())

    assert ("; preload" in whole) == (shape == "production")
    assert f"rate={ {'staging': 10, 'production': 20}[shape] }r/s" in whole
    assert f"rate={ {'staging': 5, 'production': 3}[shape] }r/m" in whole
    assert "@" not in whole.replace("@problem", "").replace("@asleep", "").replace("between @ signs", "")


def test_no_location_has_headers_of_its_own():
    """One add_header in a location would lose all the others there."""
    for name, text in configuration("production").items():
        for line in text.splitlines():
            if line.strip().startswith("add_header"):
                assert (name, len(line) - len(line.lstrip())) == ("nginx.conf", 4), line
