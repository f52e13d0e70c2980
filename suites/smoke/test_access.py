"""Who gets in, and to what: log-in, tokens, roles, and the truth of what is read."""

from fixtures.auth import FORBIDDEN_READ, claims_of
from fixtures.check import Severity, check

LINES = "/api/v1/production/lines"
PERMISSIONS = "/api/v1/auth/permissions"
FACTS_OF_A_LINE = ("line_code", "name", "status")


def log_in(grounds, user):
    """Whether the probe account can log in and, if it can, the answer and what its access token says."""
    standing = grounds["api.logged-in"]
    return (standing, user.login(), claims_of(user.token())) if standing.held else (standing, None, None)


@check("smoke.login", severity=Severity.BLOCKER, claims=["auth.endpoints"], probe=log_in, judges="api.logged-in")
def test_probe_account_logs_in(seen, target):
    """The probe account logs in, is who it is, and its token lives as long as was said.

    If red: do not switch; nobody may be able to log in. Try the probe account by hand and look at the backend's log.
    """
    standing, answer, claims = seen
    assert standing.held, standing.message
    content = answer.mapping()
    assert content["token_type"] == "bearer", f"token_type is {content['token_type']!r}"
    assert content["access_token"], "the access token is empty"
    assert content["refresh_token"], "the refresh token is empty"
    assert content["user"]["role"] == target.auth.probe.role, f"the role is {content['user']['role']!r}"
    life_seconds = claims["exp"] - claims["iat"]
    assert life_seconds == content["expires_in"], f"the token lives for {life_seconds} s, and {content['expires_in']} s were said"


def refresh_and_read(user, api):
    """The answer to the refresh token and, if it brought an access token, a read with that."""
    answer = user.refresh()
    token = answer.mapping().get("access_token")
    return answer, api.bearing(token).get(PERMISSIONS) if token else None


@check("smoke.refresh", severity=Severity.CRITICAL, claims=["auth.endpoints"], probe=refresh_and_read, needs=["api.logged-in"])
def test_refresh_token_brings_an_access_token(seen):
    """The refresh token of a log-in brings an access token that is good.

    If red: everybody is thrown out when the access token ends; look at POST /api/v1/auth/refresh and the backend's secret.
    """
    answer, read = seen
    assert answer.status == 200, f"{answer.url} answered {answer.status} to the refresh token of this run's log-in"
    assert read is not None, f"{answer.url} answered 200 without an access token"
    assert read.status == 200, f"{read.url} with the new token was answered with {read.status}"


def fail_to_log_in(auth):
    """The answers to a wrong password and to a user that does not exist."""
    return auth.login_with_wrong_password(), auth.login_as_nobody()


@check("smoke.login-refused-alike", severity=Severity.CRITICAL, claims=["auth.endpoints", "security.secrets"], probe=fail_to_log_in, needs=["api.logged-in", "cache.writable"])
def test_failed_logins_are_told_alike(seen):
    """A wrong password and an unknown user are refused alike, so nobody learns which names exist.

    If red: compare the two answers of POST /api/v1/auth/login; if one was let in, do not switch.
    """
    wrong, unknown = seen

    # A sacrificial account that earlier runs have locked says so (423, 429); an unlocked one is plain 401.
    assert unknown.status == 401, f"an unknown user was answered with {unknown.status}"
    assert wrong.status in {401, 423, 429}, f"a wrong password was answered with {wrong.status}"
    if wrong.status == 401:
        told = [(answer.mapping()["error"]["code"], answer.mapping()["error"]["message"]) for answer in seen]
        assert told[0] == told[1], f"a wrong password is told as {told[0]}, an unknown user as {told[1]}"


def read_lines(user, everywhere, database):
    """The production lines that the application answers, at each replica and at the door, and those of the database."""
    return [asked.bearing(user.token()).get(LINES) for asked in everywhere], database.ask("lines")


@check("smoke.lines", severity=Severity.BLOCKER, claims=["api.production"], probe=read_lines, needs=["api.logged-in", "api.everywhere", "database.reachable"], within=1.0)
def test_lines_are_those_of_the_database(seen):
    """The production lines that every replica answers are those that the database holds, by code, name and status.

    If red: do not switch; the floor would be shown what is not so. Look at what the replica named is connected to;
    one that answers 401 was started with another JWT secret.
    """
    answers, rows = seen
    held = [tuple(row[name] for name in FACTS_OF_A_LINE) for row in rows]

    assert held, "the database holds no production line"
    for answer in answers:
        assert answer.status == 200, f"{answer.url} answered {answer.status}"
        answered = sorted(tuple(line.get(name) for name in FACTS_OF_A_LINE) for line in answer.json())
        assert answered == held, f"{answer.url} answers {answered} and the database holds {held}"


def read_without_token(api):
    """The answer to a read that needs a token and has none."""
    return api.get(LINES)


@check("smoke.token-needed", severity=Severity.BLOCKER, claims=["security.jwt"], probe=read_without_token, needs=["api.reachable"])
def test_reads_need_a_token(seen):
    """A read without a token is refused.

    If red: do not switch; the floor's data is open to anybody. Look at the dependency that checks tokens.
    """
    assert seen.status in {401, 403}, f"{LINES} without a token was answered with {seen.status}"


def read_the_forbidden(user):
    """The answer to a read that the probe account's role may not make."""
    return user.get(FORBIDDEN_READ)


@check("smoke.denial", severity=Severity.CRITICAL, claims=["security.rbac"], probe=read_the_forbidden, needs=["api.logged-in"])
def test_a_denial_is_a_denial(seen, target):
    """What a role may not read is answered with 403, neither with the data nor with an error.

    If red: 200 means that roles are not enforced, do not switch; 5xx is a masked denial, look at the error handler.
    """
    role = target.auth.probe.role
    assert seen.status == 403, f"{FORBIDDEN_READ} as {role} was answered with {seen.status}"
