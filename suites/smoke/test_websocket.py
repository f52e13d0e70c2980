"""The live channel of the floor: a client connects, is welcomed, subscribes, and is answered."""

from fixtures.auth import forged
from fixtures.check import Severity, check

ANSWERS = frozenset({"pong", "heartbeat_response"})  # contract, section 4
CONFIRMED = frozenset({"subscription_confirmed"})


@check("smoke.websocket", severity=Severity.BLOCKER, claims=["websocket.connectivity"], judges="websocket.connected")
def test_websocket_accepts_a_token(seen):
    """A client with a token gets a connection and is welcomed.

    If red: do not switch; tablets show no live data. Look at nginx's upgrade headers, then at the backend's log.
    """
    assert seen.held, seen.message


def connect_as_strangers(websocket, user):
    """How handshakes are answered that have no token, and one whose signature is not ours."""
    headers = {"no token": {}, "a forged token": {"Authorization": f"Bearer {forged(user.token())}"}}
    return {having: websocket.admission(sent) for having, sent in headers.items()}


@check("smoke.websocket-refuses-strangers", severity=Severity.BLOCKER, claims=["websocket.connectivity", "security.jwt"], probe=connect_as_strangers, needs=["api.logged-in"])
def test_websocket_refuses_strangers(seen):
    """A client without a token, or with one that somebody else signed, gets no connection.

    If red: do not switch; anybody can listen to the floor. Look at the token check of the WebSocket routes.
    """
    assert seen, "nobody tried to connect"
    for having, admission in seen.items():
        assert admission.refused, f"a handshake with {having} was answered with {admission.status}, close code {admission.close_code}"


def send_heartbeat(websocket, user, target):
    """The answer to a heartbeat."""
    with websocket.conversation(user.token()) as conversation:
        conversation.say(type="heartbeat")
        return conversation.hear_any(ANSWERS, target.websocket.answer_seconds)


@check("smoke.websocket-heartbeat", severity=Severity.CRITICAL, claims=["websocket.connectivity"], probe=send_heartbeat, needs=["websocket.connected"])
def test_websocket_answers_a_heartbeat(seen, target):
    """A heartbeat is answered in time.

    If red: clients will reconnect for ever; look at the backend's WebSocket loop and at its load.
    """
    assert seen is not None, f"no answer to a heartbeat within {target.websocket.answer_seconds:g} s"


def subscribe_to_a_line(websocket, user, target, database):
    """The answer to a subscription to a line that exists."""
    line = next((row["line_code"] for row in database.ask("lines")), "none")
    with websocket.conversation(user.token()) as conversation:
        conversation.say(type="subscribe", subscription_type="line", target_id=line)
        return conversation.hear_any(CONFIRMED, target.websocket.answer_seconds)


@check("smoke.websocket-subscription", severity=Severity.CRITICAL, claims=["websocket.connectivity"], probe=subscribe_to_a_line, needs=["websocket.connected", "database.reachable"])
def test_websocket_confirms_a_subscription(seen, target):
    """A subscription is confirmed in time.

    If red: tablets would wait for events that never come; look at the subscription handler and at Redis pub/sub.
    """
    assert seen is not None, f"no confirmation within {target.websocket.answer_seconds:g} s"
