"""The front door: what every user meets first, and every attacker too."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import product

from fixtures.check import Severity, check


@check("smoke.front-door", severity=Severity.BLOCKER, claims=["api.connectivity"], judges="deployment.reachable")
def test_front_door_answers(seen):
    """The front door answers those who knock.

    If red: do not switch; nobody reaches the system. Look at nginx and at whatever balances before it.
    """
    assert seen.held, seen.message


def shake_hands(doors, target):
    """A TLS handshake with every public host, verified."""
    return [doors.handshake(host.https) for host in target.deployment.public_hosts]


@check("smoke.certificate", severity=Severity.BLOCKER, claims=["security.tls"], probe=shake_hands, judges="deployment.trusted")
def test_certificates_are_valid_for_their_names(seen, target):
    """Every public host shows a trusted certificate for its own name, with days to spare.

    If red: do not switch; renew or replace the certificate of the host named and reload nginx.
    """
    assert seen, "the environment names no public host"
    now = datetime.now(UTC)
    for handshake in seen:
        assert not handshake.problem, handshake.problem
        days = (handshake.expires_at - now).days
        assert days >= target.deployment.certificate_days, f"the certificate of {handshake.host} ends in {days} days"


def knock_in_plain(web, target):
    """The answer of every public host to a plain HTTP request."""
    return [(host, web.get(host.http + "/")) for host in target.deployment.public_hosts]


@check("smoke.redirect", severity=Severity.CRITICAL, claims=["security.tls"], probe=knock_in_plain, needs=["deployment.reachable"])
def test_plain_http_redirects_to_the_same_host(seen):
    """Plain HTTP is redirected (301) to HTTPS on the same host.

    If red: look at the `return 301` of the host named in nginx; a redirect to another host hands users to it.
    """
    assert seen, "the environment names no public host"
    for host, answer in seen:
        assert answer.status == 301, f"{host.http} answered {answer.status} where 301 belongs"
        location = answer.header("location") or ""
        assert location == host.https + "/", f"{host.http} redirects to {location or 'nowhere'}, not to {host.https}/"


def open_each_kind(frontend, web, target):
    """The front page, the files that it names, and an answer of the application: three ways through nginx."""
    page = frontend.page()
    return [page.index, *page.assets, web.get(target.api.base_url + "/health")]


@check("smoke.headers", severity=Severity.CRITICAL, claims=["security.headers"], probe=open_each_kind, needs=["deployment.trusted", "api.reachable"])
def test_every_kind_of_answer_carries_each_security_header_once(seen, target):
    """Pages, files and answers of the application carry each security header exactly once, with its value.

    If red: compare the header named with nginx's add_header lines; a location with its own add_header loses them all,
    and what the application sends as well comes twice unless nginx hides it.
    """
    expected = target.deployment.security_headers

    assert expected, "the environment names no security header"
    for answer, (name, pattern) in product(seen, expected.items()):
        values = answer.all_headers(name)
        assert len(values) == 1, f"{answer.url}: {name} was sent {len(values)} times"
        assert fnmatchcase(values[0], pattern), f"{answer.url}: {name} is {values[0]!r}, not {pattern!r}"


def load_page(frontend):
    """The front page with every script and style sheet that it names."""
    return frontend.page()


TYPES = {".js": ("text/javascript", "application/javascript"), ".css": ("text/css",)}


@check("smoke.front-end", severity=Severity.BLOCKER, claims=["frontend.served"], probe=load_page, needs=["deployment.trusted"])
def test_front_end_loads_with_all_its_assets(seen):
    """The front page is served and every script and style sheet it names loads with its own type.

    If red: do not switch; tablets would show a blank page. Deploy the web build again, index and assets together.
    """
    index = seen.index
    assert index.status == 200, f"{index.url} answered {index.status}"
    assert (index.header("content-type") or "").startswith("text/html"), f"{index.url} is no HTML"
    assert seen.assets, f"{index.url} names neither script nor style sheet"
    for asset in seen.assets:
        assert asset.status == 200, f"{asset.url} answered {asset.status}"
        kind = (asset.header("content-type") or "").partition(";")[0]
        wanted = next((types for ending, types in TYPES.items() if asset.url.endswith(ending)), (kind,))
        assert kind in wanted, f"{asset.url} came as {kind}, not as {wanted[0]}"
        assert asset.body, f"{asset.url} is empty"
