"""Log-in, tokens, roles and lock-out of the stand-in are the contract's (section 3)."""

from __future__ import annotations

import base64
import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import jwt
import psycopg
import pytest

from environments.standin.accounts import PROBE, ROLE_ACCOUNTS, SACRIFICIAL, Account
from environments.standin.app.errors import Refused
from environments.standin.app.roles import PERMISSIONS
from environments.standin.app.tokens import sign, verify
from environments.standin.client import StandIn
from environments.standin.parts.backend import settings
from environments.standin.site import placeholder

REPLICAS = ("blue_1", "blue_2", "green_1")
COUNTS = {
    "admin": 50, "production_manager": 34, "shift_manager": 25, "engineer": 23, "operator": 16, "maintenance": 14,
    "quality": 14, "viewer": 11,
}  # fmt: skip
SOMEBODY = {"id": uuid.uuid4(), "username": "somebody", "role": "viewer"}
SETTINGS = replace(settings(placeholder(), "blue-1"), jwt_secret="s" * 40)
ADMIN, VIEWER = ROLE_ACCOUNTS[0], ROLE_ACCOUNTS[-1]
PUBLISHED = ("secret", "your-secret-key", "your-secret-key-change-in-production", "changeme", "x")


class Door:
    """The replicas, and how to log in at the first."""

    def __init__(self, standin: StandIn) -> None:
        self.replicas = [httpx.Client(base_url=standin.references[name] + "/api/v1/auth/", timeout=10) for name in REPLICAS]

    def login(self, account: Account, password: str = "") -> httpx.Response:
        return self.replicas[0].post("login", json={"username": account.username, "password": password or account.password})

    def tokens(self, account: Account) -> dict[str, Any]:
        answer = self.login(account)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def statuses(self, token: str) -> set[int]:
        """What an access token is answered with at every replica."""
        return {one.get("profile", headers={"Authorization": f"Bearer {token}"}).status_code for one in self.replicas}

    def refreshed(self, token: str) -> httpx.Response:
        return self.replicas[1].post("refresh", json={"refresh_token": token})


@pytest.fixture(scope="module")
def door(kept_up: StandIn) -> Iterator[Door]:
    door = Door(kept_up)
    yield door
    for replica in door.replicas:
        replica.close()


@pytest.fixture(scope="module")
def granted(door: Door) -> dict[str, Any]:
    """One log-in that several tests look at, and none ends."""
    return door.tokens(VIEWER)


@pytest.fixture
def forgiven(kept_up: StandIn) -> Iterator[None]:
    """Afterwards no account is locked."""
    yield
    kept_up.switch()


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


# ---- log-in ----------------------------------------------------------------------------------------------------


def test_a_login_says_what_the_contract_says(granted):
    """A log-in gives two tokens and who it is, with the life of a staging shape, and no hash."""
    assert granted.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert (granted["token_type"], granted["expires_in"]) == ("bearer", 3600)
    assert (granted["user"]["username"], granted["user"]["role"]) == (VIEWER.username, "viewer")
    assert "$2b$" not in json.dumps(granted)


def test_tokens_carry_the_contracts_claims(granted):
    """Both tokens are HS256 with their type and life: an hour, and seven days."""
    for name, kind, life in (("access_token", "access", 3600), ("refresh_token", "refresh", 7 * 24 * 3600)):
        claims = claims_of(granted[name])
        assert jwt.get_unverified_header(granted[name])["alg"] == "HS256"
        assert {"sub", "exp", "iat", "type", "user_id", "role"} <= claims.keys()
        assert (claims["type"], claims["exp"] - claims["iat"], claims["role"]) == (kind, life, "viewer")


@pytest.mark.usefixtures("forgiven")
def test_a_wrong_password_is_told_as_an_unknown_user(door):
    """Wrong password, unknown user: the same status, the same words, medians of time within a factor of two."""
    known, unknown = [], []
    for turn in range(4):
        for seconds, username in ((known, SACRIFICIAL.username), (unknown, f"nobody{turn}")):
            began = time.perf_counter()
            answer = door.replicas[0].post("login", json={"username": username, "password": "wrong"})
            seconds.append(time.perf_counter() - began)
            error = answer.json()["error"]
            assert (answer.status_code, error["code"], error["message"]) == (401, "unauthorized", "Invalid username or password")

    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


@pytest.mark.usefixtures("forgiven")
@pytest.mark.parametrize("username", [SACRIFICIAL.username, "nobody.at.all"])
def test_five_wrong_passwords_lock_a_name(door, username):
    """After five wrong passwords a name is locked, known or not, at every replica, even for the right password."""
    for _ in range(5):
        answer = door.replicas[0].post("login", json={"username": username, "password": "wrong"})
        assert answer.status_code == 401
    for replica in door.replicas:
        answer = replica.post("login", json={"username": username, "password": SACRIFICIAL.password})
        assert (answer.status_code, answer.json()["error"]["code"]) == (423, "account_locked")
        assert int(answer.headers["Retry-After"]) == 1800


# ---- staying and leaving ---------------------------------------------------------------------------------------


def test_a_refresh_token_gives_an_access_token(door, granted):
    """A refresh token gives a new access token, at another replica; nothing else does."""
    answer = door.refreshed(granted["refresh_token"])

    assert (answer.status_code, answer.json().keys()) == (200, {"access_token", "token_type", "expires_in"})
    assert door.statuses(answer.json()["access_token"]) == {200}
    for other in (granted["access_token"], "x", "a.b.c", ""):
        assert door.refreshed(other).status_code in {401, 422}
    assert door.refreshed(granted["access_token"]).status_code == 401


def test_a_logout_ends_both_tokens_everywhere(door):
    """After log-out neither token is good at any replica, nor one that was refreshed before; another log-in's are."""
    granted, other = door.tokens(PROBE), door.tokens(PROBE)
    refreshed = door.refreshed(granted["refresh_token"]).json()["access_token"]

    left = door.replicas[1].post("logout", headers={"Authorization": f"Bearer {granted['access_token']}"})

    assert left.status_code == 200
    assert door.statuses(granted["access_token"]) == door.statuses(refreshed) == {401}
    assert {replica.post("refresh", json={"refresh_token": granted["refresh_token"]}).status_code for replica in door.replicas} == {401}
    assert door.statuses(other["access_token"]) == {200}


def test_who_is_deactivated_is_out(door, kept_up):
    """An administrator makes an account and deactivates it: its tokens are 401 and it cannot log in; activated, it can."""
    admin = {"Authorization": f"Bearer {door.tokens(ADMIN)['access_token']}"}
    admin["X-CSRF-Token"] = door.replicas[0].get("profile", headers=admin).headers["X-CSRF-Token"]
    account = Account("quality", "trial.person", "Trial-person-4711", "")
    users = httpx.Client(base_url=kept_up.references["blue_1"] + "/api/v1/users/", headers=admin, timeout=10)
    new = {"username": account.username, "email": account.email, "password": account.password, "role": "quality"}
    made = users.post("", json=new)
    assert made.status_code == 201, made.text
    path = made.json()["id"]
    try:
        assert users.post("", json=new).status_code == 409
        granted = door.tokens(account)
        assert users.post(f"{path}/deactivate").json()["is_active"] is False
        assert door.statuses(granted["access_token"]) == {401}
        assert door.refreshed(granted["refresh_token"]).status_code == door.login(account).status_code == 401
        assert users.post(f"{path}/activate").json()["is_active"] is True
        assert door.statuses(granted["access_token"]) == {200}
        assert hash_of(kept_up, account.username).startswith("$2b$12$")
    finally:
        assert users.delete(path).status_code == 200
        users.close()


def hash_of(standin: StandIn, username: str) -> str:
    given = standin.references
    host, port = given["database_address"].split(":")
    with psycopg.connect(
        host=host, port=port, dbname=given["database_name"], user=given["database_user"], password=given["database_password"]
    ) as connection:
        row = connection.execute("select password_hash from factory_telemetry.users where username = %s", [username]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(("change", "status"), [
    ({"password": "short"}, 422), ({"password": "x" * 73}, 422), ({"role": "root"}, 422), ({"email": "nobody"}, 422),
    ({"username": "a\u0000"}, 422),
])  # fmt: skip
def test_accounts_have_bounds(door, kept_up, change, status):
    """An account with an impossible password, role, address or name is not made, and the password is not repeated."""
    admin = {"Authorization": f"Bearer {door.tokens(ADMIN)['access_token']}"}
    admin["X-CSRF-Token"] = door.replicas[0].get("profile", headers=admin).headers["X-CSRF-Token"]
    new = {"username": "trial", "email": "t@plant.ms5.localhost", "password": "Trial-person-4711", "role": "viewer"} | change

    answer = httpx.post(kept_up.references["blue_1"] + "/api/v1/users/", headers=admin, json=new)

    assert answer.status_code == status
    assert new["password"] not in answer.text


# ---- tokens that are not ours ----------------------------------------------------------------------------------


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def with_claim(token: str, **claims: Any) -> str:
    head, _, seal = token.split(".")
    return ".".join((head, encoded(claims_of(token) | claims), seal))


FORGERIES: dict[str, Callable[[str], str]] = {
    "half a token": lambda token: token[: len(token) // 2],
    "alg none": lambda token: f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}.",
    "alg None": lambda token: f"{encoded({'alg': 'None'})}.{token.split('.')[1]}.",
    "alg none, sealed": lambda token: f"{encoded({'alg': 'none'})}.{token.split('.')[1]}.{token.split('.')[2]}",
    "other role": lambda token: with_claim(token, role="admin"),
    "longer life": lambda token: with_claim(token, exp=2**31),
    "no seal": lambda token: token.rpartition(".")[0] + ".",
    "HS512": lambda token: jwt.encode(claims_of(token), "x" * 64, "HS512"),
    **{f"secret {one}": lambda token, one=one: jwt.encode(claims_of(token), one, "HS256") for one in PUBLISHED},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_not_ours_is_refused(door, granted, forgery):
    """A token that somebody made or changed is 401 at every replica."""
    assert door.statuses(FORGERIES[forgery](granted["access_token"])) == {401}


def test_a_refresh_token_opens_nothing(door, granted):
    """A refresh token is no access token."""
    assert door.statuses(granted["refresh_token"]) == {401}


@pytest.mark.parametrize("past_seconds", [1, 3600])
def test_an_expired_token_is_refused(past_seconds):
    """What was ours and is over is refused, to the second."""
    over = replace(SETTINGS, access_life_seconds=-past_seconds)

    with pytest.raises(Refused):
        verify(SETTINGS, "access", sign(over, "access", SOMEBODY, "session"))
    assert verify(SETTINGS, "access", sign(SETTINGS, "access", SOMEBODY, "session")).session == "session"


def test_a_production_shape_gives_half_an_hour():
    """In a production shape an access token lives for 30 minutes."""
    assert settings(replace(placeholder(), shape="production"), "blue-1").access_life_seconds == 1800


# ---- roles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ROLE_ACCOUNTS, ids=lambda account: account.role)
def test_each_role_has_its_permissions(door, account):
    """Each role is told its permissions: as many as the contract counts, each once, and no other's."""
    headers = {"Authorization": f"Bearer {door.tokens(account)['access_token']}"}

    told = door.replicas[2].get("permissions", headers=headers).json()

    assert (told["role"], told["user_id"]) == (account.role, door.replicas[0].get("profile", headers=headers).json()["id"])
    assert len(told["permissions"]) == len(set(told["permissions"])) == COUNTS[account.role]
    assert set(told["permissions"]) == PERMISSIONS[account.role]
    administrative = {one for one in told["permissions"] if one.startswith(("user:", "system:", "security:"))}
    assert bool(administrative) == (account.role == "admin")


def test_the_roles_are_public(door):
    """Whoever asks is told the eight roles and how much each may do."""
    told = door.replicas[0].get("roles").json()["roles"]

    assert {one["name"]: one["permission_count"] for one in told} == COUNTS
