"""Faults of the HTTP API and of who is let in: rows of the registry in faults.py.

`smoke` has few of them to see; the ids of api and auth are what their suites are to promise.
"""

from __future__ import annotations

from environments.standin.acts import Lie, NginxEdit
from environments.standin.fault import Row

LARGEST_BODY = "client_max_body_size        10m;"
HIDDEN_HEADER = "proxy_hide_header X-Powered-By;"

API_FAULTS: tuple[Row, ...] = (
    # what reads answer
    ("equipment-invented", "A machine that does not exist runs.",
     "api.unknown-is-404", "api", Lie("equipment-invented")),
    ("statistics-zero", "While the database is down, the statistics of production are all zero.",
     "api.no-zeros-without-database", "api", Lie("statistics-zero")),
    ("status-stale", "The states of the machines and the boards are those of the process's start, and say so.",
     "api.fresh", "api", Lie("status-stale")),
    ("oee-above-one", "The current OEE of a line is 1.7.",
     "api.oee-shares", "api", Lie("oee-above-one")),
    ("oee-invented", "Where nothing was measured, OEE is a comfortable constant.",
     "api.oee-null-without-data", "api", Lie("oee-invented")),
    ("priority-unknown", "A call has a priority that the contract does not know.",
     "api.words", "api", Lie("priority-unknown")),
    ("dashboard-line-too-many", "The dashboard has a line more than production has.",
     "api.dashboard-agrees", "api", Lie("dashboard-line-too-many")),
    ("equipment-forgotten", "The states of the machines leave one out.",
     "api.equipment-is-the-databases", "api", Lie("equipment-forgotten")),
    ("andon-counted-wrong", "The statistics count more calls than there are.",
     "api.andon-is-the-databases", "api", Lie("andon-counted-wrong")),
    ("one-replica-counts-wrong", "One replica counts more calls than there are.",
     "api.andon-is-the-databases", "api", Lie("andon-counted-wrong", replicas=("blue-2",))),
    # which routes there are
    ("jobs-hidden", "A route with a parameter was declared first and hides the one of my jobs.",
     "api.every-read-answers", "api", Lie("jobs-hidden")),
    ("prefix-doubled", "Routes are served under a doubled prefix too.",
     "api.no-doubled-prefix", "api", Lie("prefix-doubled")),
    ("documentation-open", "The description of the API is open where nobody should read it. (Shape production.)",
     "api.documentation", "api", Lie("documentation-open")),
    # how errors are told
    ("error-with-internals", "What is no identity ends in 500 with a traceback.",
     "api.unknown-is-404 api.no-internals", "api", Lie("error-with-internals")),
    ("error-echoes-password", "A log-in that is not valid is answered with what was sent, the password too.",
     "api.no-echo", "api auth", Lie("error-echoes-password")),
    ("error-without-envelope", "What is not found is answered with the framework's own error.",
     "api.envelope", "api", Lie("error-without-envelope")),
    ("error-without-request-id", "Errors do not tell which request they answer.",
     "api.envelope", "api", Lie("error-without-request-id")),
    ("request-id-missing", "No answer carries the id of its request.",
     "api.request-id", "api", NginxEdit(HIDDEN_HEADER, f"{HIDDEN_HEADER}\n    proxy_hide_header X-Request-ID;")),
    ("wait-missing", "Who asks too often is not told how long to wait.",
     "api.rate-limit", "api", Lie("error-without-wait"), NginxEdit("$retry_after always", '"" always')),
    ("challenge-missing", "401 does not say how to authenticate.",
     "auth.challenge", "auth", Lie("challenge-missing")),
    # what is taken
    ("upload-unlimited", "A file of any size is taken.",
     "api.upload-limit", "api", Lie("upload-unlimited"), NginxEdit(LARGEST_BODY, LARGEST_BODY.replace("10m", "100m"))),
    ("upload-any-type", "A file of any type is taken.",
     "api.upload-types", "api", Lie("upload-any-type")),
    ("csrf-unchecked", "A write needs no CSRF token.",
     "api.csrf", "api", Lie("csrf-unchecked")),
    ("csrf-after-execution", "A write without a CSRF token is refused after it was done.",
     "api.csrf-before-execution", "api", Lie("csrf-unchecked"), Lie("csrf-refused-afterwards")),
    # who may what
    ("viewer-reads-downtime", "A viewer may read when machines stood still.",
     "auth.matrix auth.permissions", "auth", Lie("viewer-reads-downtime")),
    ("engineer-lost-reports", "An engineer may not read reports any more.",
     "auth.matrix auth.permissions", "auth", Lie("engineer-lost-reports")),
    ("denial-masked-for-viewers", "Only what is denied to viewers ends in an internal error.",
     "auth.matrix", "auth", Lie("denial-masked-for-viewers")),
    ("everybody-audits", "Everybody may read the audit log.",
     "auth.security-admin-only auth.permissions", "auth", Lie("everybody-audits")),
    # whose token is good
    ("logout-forgotten", "A token is good after its owner logged out.",
     "auth.logout", "auth", Lie("logout-forgotten")),
    ("one-replica-forgets-logout", "On one replica, a token is good after its owner logged out.",
     "auth.logout", "auth", Lie("logout-forgotten", replicas=("blue-2",))),
    ("deactivated-let-in", "The token of somebody who was deactivated is still good.",
     "auth.deactivated", "auth", Lie("deactivated-let-in")),
    ("tokens-endless", "A token lives for ten years.",
     {"smoke.login": "the token lives for", "auth.token-life": ""}, "auth", Lie("tokens-endless")),
    ("unsigned-let-in", "A token that says it needs no signature is believed.",
     "auth.unsigned", "auth", Lie("unsigned-let-in")),
    ("secret-published", "A token signed with the secret of the example settings is good.",
     "auth.published-secret", "auth", Lie("secret-published")),
    ("refresh-as-access", "A refresh token opens what an access token should.",
     "auth.token-types", "auth", Lie("refresh-as-access")),
    ("expiry-told-wrong", "A token is said to live for a day, and does not.",
     {"smoke.login": "the token lives for", "auth.token-life": ""}, "auth", Lie("expiry-told-wrong")),
)  # fmt: skip
