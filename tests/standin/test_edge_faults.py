"""Each fault of the edge shows what it says, and nothing of it is left when it is off."""

import asyncio
import ssl
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from environments.standin.edge_faults import EDGE_FAULTS
from tests.standin import test_nginx
from tests.standin.knocking import Door
from tests.standin.listening import ear, token_of

ELEVEN_MIB = bytes(11 * 1024 * 1024)


@pytest.fixture(scope="session")
def door(kept_up):
    return Door(kept_up)


@pytest.fixture(scope="session")
def token(door):
    return token_of(door)


def frames(door, token, *said, subscription=("andon", None), replica="", seconds=0.8, drill="andon-called"):
    """What a subscriber hears when somebody calls for help."""

    async def look():
        async with ear(door, token, replica=replica) as opened:
            for frame in (
                {"type": "subscribe", "subscription_type": subscription[0], "target_id": subscription[1]},
                *said,
            ):
                await opened.say(**frame)
            await opened.all_within(0.1)
            if drill:
                await asyncio.to_thread(door.standin.act, drill)
            return [frame for frame in await opened.all_within(seconds) if "data" in frame]

    try:
        return asyncio.run(look())
    finally:
        if drill:
            door.standin.undo(drill)


UNSUBSCRIBE = {"type": "unsubscribe", "subscription_type": "andon", "target_id": None}


def said_at_once(door, token, frame):
    """The answer to one frame, or that the connection ended."""

    async def look():
        async with ear(door, token) as opened:
            await opened.socket.send(frame)
            return (await opened.hear())["type"]

    try:
        return asyncio.run(look())
    except ConnectionClosed:
        return "closed"


def subscribed_first(door, token):
    """What a first subscription is answered with, before or beside its confirmation."""

    async def look():
        async with ear(door, token) as opened:
            await opened.say(type="subscribe", subscription_type="line", target_id="L-NOWHERE")
            return [frame["type"] for frame in await opened.all_within(0.4)]

    return asyncio.run(look())


def idles(door, token, seconds=2.6):
    async def look():
        async with ear(door, token) as opened:
            await asyncio.sleep(seconds)
            return (await opened.ask(type="ping"))["type"]

    try:
        return asyncio.run(look()) == "pong"
    except ConnectionClosed:
        return False


def shakes_hands(door, host, version=ssl.TLSVersion.TLSv1_2, ciphers="ALL:@SECLEVEL=0"):
    context = test_nginx.limited_to(door, version, ciphers)
    context.check_hostname = False
    try:
        return bool(test_nginx.handshake(door, host, context))
    except ssl.SSLError:
        return False


def protocol(door):
    context = door.trust()
    context.set_alpn_protocols(["h2", "http/1.1"])
    return test_nginx.handshake(door, door.name("app"), context)[2]


def bundle(door, suffix=".js"):
    return door(test_nginx.asset(door, suffix), Accept_Encoding="gzip")


def script(door):
    return door(test_nginx.asset(door, ".js")).body


def logged(door):
    door("/a/b?token=written-down-by-a-fault")
    return "written-down-by-a-fault" in Path(door.standin.references["access_log"]).read_text()


def frame_options(door, **how):
    return len(door(**how).all("X-Frame-Options"))


# By fault: what is seen while it is on. Called again when it is off, it must say otherwise.
SYMPTOMS = {
    "event-doubled": lambda door, token: len(frames(door, token)) == 2,
    "event-lost-on-one-replica": lambda door, token: (
        [len(frames(door, token, replica=one)) for one in ("blue_1", "blue_2")] == [1, 0]
    ),
    "event-late": lambda door, token: not frames(door, token),
    "event-nameless": lambda door, token: "event_id" not in frames(door, token)[0],
    "event-of-unknown-line": lambda door, token: frames(door, token)[0]["data"]["line_code"] == "L-BAG9",
    "event-invented": lambda door, token: "line_status_update" in subscribed_first(door, token),
    "event-to-everybody": lambda door, token: len(frames(door, token, subscription=("andon", "L-NOWHERE"))) == 1,
    "unsubscription-ignored": lambda door, token: len(frames(door, token, UNSUBSCRIBE)) == 1,
    "malformed-frame-closes": lambda door, token: said_at_once(door, token, "nonsense") == "closed",
    "subscription-type-unknown": lambda door, token: (
        said_at_once(door, token, '{"type": "subscribe", "subscription_type": "changeover"}') == "error"
    ),
    "websocket-stats-open": lambda door, token: door("/ws/stats").status == 200,
    "producer-stopped": lambda door, token: not frames(door, token),
    "idle-socket-dropped": lambda door, token: not idles(door, token),
    "websocket-path-lost": lambda door, token: door("/ws/andon", **test_nginx.UPGRADE).status == 404,
    "header-missing-on-413": lambda door, token: (
        (
            frame_options(door, path="/api/v1/upload", method="POST", body=ELEVEN_MIB),
            frame_options(door, path="/nowhere"),
        )
        == (0, 1)
    ),
    "headers-not-always": lambda door, token: (
        (frame_options(door, path="/nowhere"), frame_options(door, path="/")) == (0, 1)
    ),
    "csp-unsafe-eval": lambda door, token: "unsafe-eval" in door("/").header("Content-Security-Policy"),
    "tls-old": lambda door, token: shakes_hands(door, door.name("app"), ssl.TLSVersion.TLSv1_1),
    "tls-weak-cipher": lambda door, token: shakes_hands(
        door, door.name("app"), ciphers="ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"
    ),
    "http2-off": lambda door, token: protocol(door) == "http/1.1",
    "version-shown": lambda door, token: "/" in door("/").header("Server"),
    "cors-any-origin": lambda door, token: test_nginx.preflight(door, "https://elsewhere.example").status == 204,
    "cors-forgotten": lambda door, token: test_nginx.preflight(door, door.origin("app")).status == 403,
    "rate-limit-off": lambda door, token: {test_nginx.login(door, "127.0.0.51").status for _ in range(8)} == {401},
    "login-limit-off": lambda door, token: {test_nginx.login(door, "127.0.0.52").status for _ in range(8)} == {401},
    "git-served": lambda door, token: door("/.git/config").status == 200,
    "source-map-served": lambda door, token: door("/assets/app.js.map").status == 200,
    "unknown-host-served": lambda door, token: shakes_hands(door, "elsewhere.example"),
    "query-logged": lambda door, token: logged(door),
    "metrics-open": lambda door, token: b"http_requests_total" in door("/metrics").body,
    "body-limit-off": lambda door, token: (
        "front door" not in door("/api/v1/upload", method="POST", body=ELEVEN_MIB).body.decode()
        and door("/", method="POST", body=ELEVEN_MIB).status != 413
    ),
    "www-lost": lambda door, token: door("/", "www").status == 404,
    "index-cached-for-ever": lambda door, token: "immutable" in door("/").header("Cache-Control"),
    "assets-not-cached": lambda door, token: "immutable" not in bundle(door).header("Cache-Control"),
    "asset-uncompressed": lambda door, token: bundle(door).header("Content-Encoding") is None,
    "asset-foreign-host": lambda door, token: b"api.staging.example" in script(door),
    "asset-plain-socket": lambda door, token: b"`ws://" in script(door),
    "manifest-missing": lambda door, token: bundle(door, ".webmanifest").status == 404,
}
CANNOT_BE_UNSEEN = {"query-logged"}  # what is written is written


@pytest.mark.parametrize("name", [row[0] for row in EDGE_FAULTS])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_each_fault_shows_and_goes(kept_up, door, token, name):
    """Its symptom is there while it is on, and only then."""
    kept_up.switch([name])
    try:
        shown = SYMPTOMS[name](door, token)
    finally:
        kept_up.switch()

    assert shown
    assert name in CANNOT_BE_UNSEEN or not SYMPTOMS[name](door, token)
