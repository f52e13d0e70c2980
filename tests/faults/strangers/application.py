"""What strangers did to the application."""

from __future__ import annotations

from environments.standin.acts import Sql
from tests.faults.strangers.fault import ONE_OF_TWO, lie, registry, stranger

LINES = "select {} , id from factory_telemetry.production_lines"
CHANGE_LINES = "update factory_telemetry.production_lines set {}"

FAULTS = registry(
    __name__,
    stranger(
        "one-replica-another-secret",
        "One replica was started with last month's JWT secret: its tokens are refused by the other, and the other's by it.",
        "a token holds on one replica only",
        lie("signs-with-another-secret", ONE_OF_TWO),
        lie("verifies-with-another-secret", ONE_OF_TWO),
        caught_by="smoke.lines",
        by_chance="smoke.refresh smoke.denial smoke.environment smoke.websocket",
    ),
    stranger(
        "one-replica-behind-the-time",
        "One replica's clock is two minutes slow.",
        "one replica's time is not now",
        lie("behind-the-time", ONE_OF_TWO),
        caught_by="smoke.health-computed",
    ),
    stranger(
        "time-without-zone",
        "Timestamps of /health have no zone.",
        "a timestamp is not UTC",
        lie("without-zone"),
        caught_by="smoke.health-computed",
    ),
    stranger(
        "health-leaves-redis-out",
        "The detailed health no longer measures Redis, and is healthy.",
        "a required component is not measured",
        lie("leaves-redis-out"),
        caught_by="smoke.health-components",
    ),
    stranger(
        "health-contradicts-itself",
        "The database is called unhealthy, the whole healthy, 200.",
        "health contradicts itself",
        lie("contradicts-itself"),
        caught_by="smoke.health-components",
    ),
    stranger(
        "release-candidate-deployed",
        "What runs calls itself 5.0.0-rc.3.",
        "not the released version",
        lie("is-a-candidate"),
        caught_by="smoke.release",
    ),
    stranger(
        "lines-run-for-ever",
        "A line is always said to be running; in the database it has a fault.",
        "a line is not as the database has it",
        lie("runs-for-ever"),
        Sql(
            CHANGE_LINES.format("status = 'fault'"),
            CHANGE_LINES.format("status = %s where id = %s"),
            LINES.format("status"),
        ),
        caught_by="smoke.lines",
    ),
    stranger(
        "names-garbled",
        "Names with umlauts come out as UTF-8 read as Latin-1.",
        "a name is not as the database has it",
        lie("reads-latin"),
        Sql(
            CHANGE_LINES.format("name = 'Abfüllung Süd'"),
            CHANGE_LINES.format("name = %s where id = %s"),
            LINES.format("name"),
        ),
        caught_by="smoke.lines",
    ),
    stranger(
        "tokens-live-a-year",
        "A default was left: the access token lives for a year, and says an hour.",
        "a token outlives what was promised",
        lie("lives-a-year"),
        lie("says-an-hour"),
        caught_by="smoke.login",
    ),
    stranger(
        "viewer-trades-a-read-for-a-write",
        "Viewers may write lines and no longer read quality; they have as many permissions as before.",
        "a role has what is not its own",
        lie("viewers-trade"),
        left_to="auth (auth.matrix, auth.permissions): it takes an account for each role",
    ),
    stranger(
        "refresh-refused",
        "Refresh tokens are refused: everybody is thrown out after an hour.",
        "a refresh token is good for nothing",
        lie("refuses-refresh"),
        caught_by="smoke.refresh",
    ),
    stranger(
        "logout-revokes-nothing",
        "A log-out is answered and forgotten.",
        "a token is good after its log-out",
        lie("forgets-logouts"),
        left_to="auth (auth.logout): it takes a log-in of its own",
    ),
    stranger(
        "websocket-refuses-what-it-advertises",
        "A subscription that is advertised is answered with an error.",
        "not every advertised subscription is confirmed",
        lie("choosy"),
        left_to="websocket (websocket.subscription-types): smoke subscribes to one type",
    ),
    stranger(
        "websocket-believes-any-signature",
        "A token for a socket is read, its signature is not verified.",
        "a forged token opens a socket",
        lie("believes-any-signature"),
        caught_by="smoke.websocket-refuses-strangers",
    ),
)
