"""The drills of the stand-in: each is done, seen, undone, and can be undone by whoever comes later."""

import json
import socket

import psycopg
import pytest

from environments.standin import client, drills
from environments.standin.groups import CORE
from tests.standin.knocking import Door

CORE_SERVICES = {"nginx": "https_port", "blue-1": "blue_1", "blue-2": "blue_2", "green-1": "green_1",
                 "postgres": "database_address", "cache": "cache_address"}  # fmt: skip
ROWS = """select (select count(*) from factory_telemetry.andon_events) + (select count(*) from factory_telemetry.downtime_events)
  + (select count(*) from factory_telemetry.oee_calculations) + (select count(*) from factory_telemetry.job_assignments)
  + (select count(*) from factory_telemetry.production_schedules) + (select count(*) from factory_telemetry.andon_escalations)
  + (select count(*) from factory_telemetry.quality_checks),
  (select array_agg(status order by line_code) from factory_telemetry.production_lines),
  (select array_agg(current_operator order by equipment_code) from factory_telemetry.context)"""


def rows(standin):
    references = standin.references
    host, _, port = references["database_address"].partition(":")
    with psycopg.connect(
        host=host,
        port=port,
        dbname=references["database_name"],
        user=references["database_user"],
        password=references["database_password"],
    ) as connection:
        return connection.execute(ROWS).fetchone()


def listens(standin, reference):
    port = int(standin.references[reference].rpartition(":")[2])
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def journal(standin):
    return json.loads((standin.folder / drills.JOURNAL).read_text())


@pytest.mark.parametrize("service", CORE_SERVICES)
def test_a_service_is_stopped_and_started(kept_up, service):
    """Gone when the act returns, back when the undo does."""
    where = CORE_SERVICES[service]
    kept_up.act(f"stop-{service}")
    gone = not listens(kept_up, where)
    kept_up.undo(f"stop-{service}")

    assert gone
    assert listens(kept_up, where)


HAPPENING = [drill for drill in drills.REGISTRY if drill.happens]


@pytest.mark.parametrize("drill", HAPPENING, ids=lambda drill: drill.name)
def test_a_row_is_made_and_unmade(kept_up, drill):
    """The database is as it was."""
    before = rows(kept_up)
    kept_up.act(drill.name)
    during = rows(kept_up)
    kept_up.undo(drill.name)

    assert during != before
    assert rows(kept_up) == before


def test_a_later_process_undoes_what_was_left(kept_up):
    """The journal names it from the act to the undo, and each may be ordered twice."""
    kept_up.act("andon-called")
    kept_up.act("andon-called")
    later = client.attach(kept_up.folder)
    left = later.drills()

    assert left == journal(kept_up) == ["andon-called"]
    later.undo("andon-called")
    later.undo("andon-called")
    assert later.drills() == journal(kept_up) == []


def test_a_slot_is_switched_and_back(kept_up):
    """With the live slot down, the candidate answers; back, and the door is shut until it is up again."""
    door, blue = Door(kept_up), ("stop-blue-1", "stop-blue-2")
    for name in blue:
        kept_up.act(name)
    statuses = [door("/health").status]
    kept_up.act("switch-to-green")
    statuses.append(door("/health").status)
    kept_up.undo("switch-to-green")
    statuses.append(door("/health").status)
    for name in blue:
        kept_up.undo(name)

    assert statuses == [502, 200, 502]
    assert door("/health").status == 200


def test_an_unknown_drill_does_nothing(kept_up):
    """The sentence names one that looks like it."""
    with pytest.raises(client.StandInFailed, match="stop-nginx"):
        kept_up.act("stop-ngins")
    assert kept_up.drills() == []


def test_a_drill_that_cannot_be_done_leaves_nothing(kept_up):
    """Here the backups' group was not started."""
    with pytest.raises(client.StandInFailed, match="without object-store"):
        kept_up.act("stop-object-store")
    assert journal(kept_up) == []


def test_every_service_of_the_core_can_be_stopped():
    """A new part of the stack does not go undrilled."""
    from environments.standin.parts.backend import Master
    from environments.standin.site import placeholder
    from environments.standin.stack import Stack

    stack = Stack(placeholder(), Master(placeholder()), lambda step: None)
    fixed = {
        "backend",
        "workers",
        "lies",
        "certificates",
        "frontend",
        "backup",
        "watching",
        "sinks",
        "exporter-standin",
        "exporter",
    }
    names = {part.name for part in stack.all_parts}

    assert set(drills.SERVICES) <= names, set(drills.SERVICES) - names
    assert {part.name for part in stack.all_parts if part.group == CORE} - fixed <= set(drills.SERVICES)
