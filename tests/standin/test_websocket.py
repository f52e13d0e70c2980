"""The WebSocket of the stand-in against section 4 of the contract."""

import asyncio
import json
import time
from contextlib import AsyncExitStack

import jwt
import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from environments.standin import drills
from environments.standin.app.conversation import LONGEST_FRAME, MOST_SUBSCRIPTIONS
from environments.standin.app.floor_sources import SUBSCRIPTION_TYPES
from tests.standin.knocking import Door
from tests.standin.listening import REPLICAS, WITHIN_SECONDS, ear, token_of

PATHS = ("/ws", "/ws/", "/ws/production", "/ws/andon", "/ws/equipment")
HAPPENING = [drill for drill in drills.REGISTRY if drill.happens]


@pytest.fixture(scope="session")
def door(kept_up):
    return Door(kept_up)


@pytest.fixture(scope="session")
def token(door):
    return token_of(door)


def ask_database(door, question):
    references = door.standin.references
    host, _, port = references["database_address"].partition(":")
    with psycopg.connect(
        host=host,
        port=port,
        dbname=references["database_name"],
        user=references["database_user"],
        password=references["database_password"],
    ) as connection:
        return [row[0] for row in connection.execute(question).fetchall()]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["app", "api"])
def test_a_token_opens_every_path(door, token, host, path):
    """On both hosts, by the header; the first frame is the welcome."""

    async def look():
        async with ear(door, token, path, host) as opened:
            return await opened.ask(type="ping")

    assert asyncio.run(look())["type"] == "pong"


def test_a_token_in_the_query_opens_it_too(door, token):
    """As browsers send it."""

    async def look():
        where = f"wss://{door.name('app')}:{door.port()}/ws?token={token}"
        async with connect(where, host="127.0.0.1", ssl=door.trust(), proxy=None) as socket:
            return json.loads(await socket.recv())

    assert asyncio.run(look())["type"] == "connection_established"


def refresh_token(door):
    references = door.standin.references
    body = {"username": references["account_viewer_username"], "password": references["account_viewer_password"]}
    answer = door("/api/v1/auth/login", "api", "POST", body=json.dumps(body).encode(), Content_Type="application/json")
    return json.loads(answer.body)["refresh_token"]


def with_claims(token, **claims):
    """The token with other claims, signed by somebody else."""
    known = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(known | claims, "not-our-secret-but-long-enough-for-sha256", "HS256")


BAD = {
    "none": lambda door, token: None,
    "empty": lambda door, token: "",
    "nonsense": lambda door, token: "nonsense",
    "foreign": lambda door, token: with_claims(token),
    "expired": lambda door, token: with_claims(token, exp=int(time.time()) - 60),
    "cut": lambda door, token: token[:-4],
    "refresh": lambda door, token: refresh_token(door),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("where", ["header", "query"])
def test_bad_tokens_are_refused(door, token, bad, where):
    """The handshake is answered 401 or 403."""
    value = bad(door, token)

    async def look():
        query = f"?token={value}" if where == "query" and value is not None else ""
        headers = {"Authorization": f"Bearer {value}"} if where == "header" and value is not None else {}
        async with connect(
            f"wss://{door.name('app')}:{door.port()}/ws{query}",
            host="127.0.0.1",
            ssl=door.trust(),
            proxy=None,
            additional_headers=headers,
        ):
            pass

    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(look())
    assert refused.value.response.status_code in (401, 403)


def test_what_is_advertised_can_be_subscribed_to(door, token):
    """Every type of /ws/events is confirmed, and the end of it."""
    advertised = json.loads(door("/ws/events").body)["subscription_types"]

    async def look():
        async with ear(door, token) as opened:
            return [
                (await opened.ask(type=act, subscription_type=kind, target_id="L-BAG1"))["type"]
                for kind in advertised
                for act in ("subscribe", "unsubscribe")
            ]

    assert advertised == list(SUBSCRIPTION_TYPES)
    assert asyncio.run(look()) == ["subscription_confirmed", "unsubscription_confirmed"] * 10


MALFORMED = ["", "nonsense", "[]", "null", '"ping"', "{}", '{"type": "unheard-of"}', '{"type": []}', b"\xff\x00", "[" * 50_000,
             '{"type": "subscribe", "subscription_type": "weather"}', '{"type": "subscribe", "subscription_type": ["line"]}',
             '{"type": "subscribe", "subscription_type": "line", "target_id": 7}', "x" * (LONGEST_FRAME + 1)]  # fmt: skip


def test_malformed_frames_are_answered_and_nothing_else_happens(door, token):
    """An error for each, and the connection stays."""

    async def look():
        async with ear(door, token) as opened:
            for frame in MALFORMED:
                await opened.socket.send(frame)
                answer = await opened.hear()
                assert answer["type"] == "error", (frame[:40], answer)
            return await opened.ask(type="heartbeat")

    assert asyncio.run(look())["type"] == "heartbeat_response"


def test_a_flood_is_answered_and_bounded(door, token):
    """A thousand frames at once get a thousand answers; subscriptions have an end."""

    async def look():
        async with ear(door, token) as opened:
            for number in range(1000):
                await opened.say(type="subscribe", subscription_type="line", target_id=f"L{number}")
            return [(await opened.hear())["type"] for _ in range(1000)]

    answers = asyncio.run(look())
    assert answers.count("subscription_confirmed") == MOST_SUBSCRIPTIONS
    assert answers.count("error") == 1000 - MOST_SUBSCRIPTIONS


def test_a_client_that_leaves_is_bid_farewell(door, token):
    """Its close frame is answered with the same code."""

    async def look():
        async with ear(door, token) as opened:
            await opened.socket.close(1000, "done")
            return opened.socket.close_code

    assert asyncio.run(look()) == 1000


@pytest.mark.parametrize("drill", HAPPENING, ids=lambda drill: drill.happens)
def test_what_happens_reaches_each_replica_once_within_a_second(door, token, drill):
    """One row, one event with an id, the same for all; its line and machine are in the database."""
    kind = drill.happens

    async def look():
        async with AsyncExitStack() as stack:
            ears = [await stack.enter_async_context(ear(door, token, replica=replica)) for replica in REPLICAS]
            ears.append(await stack.enter_async_context(ear(door, token)))
            for opened in ears:
                await opened.subscribe(kind, "L-BAG1")
                await opened.subscribe(kind)  # all of them: still told once
            await asyncio.to_thread(door.standin.act, drill.name)
            return await asyncio.gather(*(opened.all_within(WITHIN_SECONDS) for opened in ears))

    try:
        heard = asyncio.run(look())
    finally:
        door.standin.undo(drill.name)
    ids = {frame["event_id"] for frames in heard for frame in frames}
    assert [len(frames) for frames in heard] == [1] * len(heard), heard
    assert len(ids) == 1
    event = heard[0][0]
    assert {"type", "data", "timestamp", "event_id"} == set(event)
    assert event["data"]["line_code"] in ask_database(door, "select line_code from factory_telemetry.production_lines")
    if "equipment_code" in event["data"]:
        assert event["data"]["equipment_code"] in ask_database(
            door, "select equipment_code from factory_telemetry.equipment_config"
        )


def test_who_asked_for_something_else_hears_nothing(door, token):
    """Another line, another type, a line that does not exist, and what was unsubscribed from: silence."""

    async def look():
        async with AsyncExitStack() as stack:
            ears = [await stack.enter_async_context(ear(door, token)) for _ in range(4)]
            await ears[0].subscribe("andon", "L-NOWHERE")
            await ears[1].subscribe("oee", "L-BAG1")
            await ears[2].subscribe("andon", "L-BAG1")
            await ears[2].ask(type="unsubscribe", subscription_type="andon", target_id="L-BAG1")
            await asyncio.to_thread(door.standin.act, "andon-called")
            return await asyncio.gather(*(opened.all_within() for opened in ears))

    try:
        assert asyncio.run(look()) == [[], [], [], []]
    finally:
        door.standin.undo("andon-called")


def test_what_was_done_while_the_producer_was_away_is_told_when_it_is_back(door, token):
    """Once."""

    async def look():
        async with ear(door, token) as opened:
            await opened.subscribe("andon")
            for order, name in (("act", "stop-producer"), ("act", "andon-called"), ("undo", "stop-producer")):
                await asyncio.to_thread(getattr(door.standin, order), name)
            return await opened.all_within()

    try:
        frames = asyncio.run(look())
    finally:
        door.standin.undo("stop-producer")
        door.standin.undo("andon-called")
    assert [frame["type"] for frame in frames] == ["andon_event"]


def test_events_come_back_after_the_cache_was_away(door, token):
    """The replicas and the producer connect again by themselves."""

    async def look():
        async with ear(door, token) as opened:
            await opened.subscribe("line")
            await asyncio.to_thread(door.standin.act, "stop-cache")
            await asyncio.to_thread(door.standin.undo, "stop-cache")
            await asyncio.sleep(0.6)
            await asyncio.to_thread(door.standin.act, "line-status")
            return await opened.all_within(2)

    try:
        frames = asyncio.run(look())
    finally:
        door.standin.undo("stop-cache")
        door.standin.undo("line-status")
    assert [frame["data"]["status"] for frame in frames] == ["fault"]


def test_a_slot_that_is_switched_to_hears_too(door, token):
    """A socket that was opened before goes on, one that is opened after is of the other slot."""

    async def look():
        async with ear(door, token) as before:
            await before.subscribe("oee")
            await asyncio.to_thread(door.standin.act, "switch-to-green")
            async with ear(door, token) as after:
                await after.subscribe("oee")
                await asyncio.to_thread(door.standin.act, "oee-calculated")
                return await after.all_within()

    try:
        assert [frame["type"] for frame in asyncio.run(look())] == ["oee_update"]
    finally:
        door.standin.undo("oee-calculated")
        door.standin.undo("switch-to-green")


def test_who_does_not_read_holds_up_nobody(door, token):
    """A client that sends and never reads keeps its own connection busy, and no other."""

    async def look():
        async with ear(door, token, replica="blue_1") as deaf, ear(door, token, replica="blue_1") as opened:
            deaf.socket.transport.pause_reading()
            flood = asyncio.create_task(flooding(deaf))
            await asyncio.sleep(0.5)
            await opened.subscribe("andon")
            await asyncio.to_thread(door.standin.act, "andon-called")
            heard = await opened.all_within()
            flood.cancel()
            deaf.socket.transport.abort()
            return heard

    async def flooding(deaf):
        try:
            for number in range(20_000):
                await deaf.say(type="subscribe", subscription_type="line", target_id=f"{number:190}")
                await asyncio.sleep(0)
        except ConnectionClosed:
            return

    try:
        assert len(asyncio.run(look())) == 1
    finally:
        door.standin.undo("andon-called")


def test_health_is_for_all_and_statistics_are_for_users(door, token):
    """Nobody outside learns who is connected."""
    health = door("/ws/health")

    async def look():
        async with ear(door, token, replica="blue_1") as opened:
            await opened.subscribe("line")
            return await asyncio.to_thread(door, "/ws/stats", Authorization=f"Bearer {token}")

    assert health.status == 200
    assert set(json.loads(health.body)) == {"status", "timestamp"}
    assert door("/ws/stats").status == 401
    answer = asyncio.run(look())
    assert answer.status == 200
    assert set(json.loads(answer.body)) == {"active_connections", "subscriptions", "timestamp"}
