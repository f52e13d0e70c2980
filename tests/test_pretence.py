"""A pretended answer goes along with every probe, and whoever reaches for the wire meanwhile is stopped."""

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from fixtures.database import Database
from fixtures.errors import NotPermitted
from fixtures.pretence import ANYTHING, WATCH, Anything

LED_ON = {
    "an attribute": lambda it: it.status,
    "a method": lambda it: it.json(),
    "a method of texts": lambda it: it.strip().lower(),
    "a key": lambda it: it["items"][0]["id"],
    "a slice": lambda it: it[1:],
    "a question for more": lambda it: it.get("token", None),
    "a context": lambda it: it.__enter__(),
    "its text": str,
    "a sum": lambda it: it + 1,
    "a difference": lambda it: datetime.now(UTC) - it,
    "a share": lambda it: it / 2,
    "its amount": abs,
    "the only entry": lambda it: next(entry for entry in it),
    "the first that fits": lambda it: next(row["code"] for row in it if row["active"] == "yes"),
    "the greatest": max,
    "a value by name": lambda it: dict(it.items())["…"],
    "the second part": lambda it: it.partition("=")[2],
}


@pytest.mark.parametrize("way", LED_ON)
def test_it_leads_on(way):
    """Whatever is asked of a pretended answer is a pretended answer again."""
    assert type(LED_ON[way](ANYTHING)) is Anything


PLAIN = {
    "in a path": (lambda it: f"/lines/{it['id']}", "/lines/…"),
    "in a number's format": (lambda it: f"{it:.3f}", "…"),
    "before a text": (lambda it: it + "/health", "…/health"),
    "after a text": (lambda it: "/lines/" + it, "/lines/…"),
    "among texts": (", ".join, "…"),
    "as JSON": (lambda it: json.dumps({"id": it}, ensure_ascii=False), '{"id": "…"}'),
    "as a number": (lambda it: (int(it), float(it), len(it), range(it)), (1, 1.0, 1, range(1))),
    "as bytes": (lambda it: it.encode(), "…".encode()),
    "as hoped for": (lambda it: (it == 200, it != 200, 200 == it, "x" in it, bool(it)), (True, False, True, True, True)),  # noqa: SIM300 - both sides
    "within its limits": (lambda it: (it > 5, it >= 5, it < 5, it <= 5), (False,) * 4),
    "in a set of statuses": (lambda it: it in {502, 504}, False),
}


@pytest.mark.parametrize("way", PLAIN)
def test_it_reads_as_what_it_stands_for(way):
    """In a text it is three dots, of numbers it is one, and compared it is what the probe hopes for."""
    use, plain = PLAIN[way]

    assert type(use(ANYTHING)) is type(plain)
    assert plain == use(ANYTHING)


def test_it_lets_errors_out():
    """As a context it hides no error."""
    with pytest.raises(ZeroDivisionError), ANYTHING:
        _ = 1 / 0


def datagram(address):
    """Send one."""
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", address)


REACHING = {
    "socket.connect": lambda: socket.create_connection(("127.0.0.1", 1), timeout=1),
    "socket.getaddrinfo": lambda: socket.getaddrinfo("localhost", 80),
    "socket.sendto": lambda: datagram(("127.0.0.1", 9)),
    "subprocess.Popen": lambda: subprocess.run([sys.executable, "-c", ""], check=False),
    "os.system": lambda: os.system("true"),
    "os.kill": lambda: os.kill(os.getpid(), 0),
    "open": lambda: Path("written").write_text("x"),
    "os.remove": lambda: Path("nowhere").unlink(),
    "os.rename": lambda: Path("nowhere").rename("elsewhere"),
    "a connection to PostgreSQL": lambda: Database(ANYTHING, ANYTHING, ANYTHING)._connection,
}


@pytest.mark.parametrize("event", REACHING)
def test_whoever_reaches_out_is_stopped_and_remembered(event, tmp_path, monkeypatch):
    """While a plan is made nothing is connected, started or written; a swallowed refusal is known all the same."""
    monkeypatch.chdir(tmp_path)
    with WATCH.kept(every_thread=True) as stopped:
        with pytest.raises(NotPermitted, match="a plan touches nothing"):
            REACHING[event]()
        with suppress(NotPermitted):
            REACHING[event]()

    assert set(stopped) & {event, "socket.getaddrinfo"}
    assert (len(stopped), list(tmp_path.iterdir())) == (2, [])


def test_reading_and_importing_go_on():
    """A plan may read what stands in the repository, and import what it has not yet."""
    with WATCH.kept(every_thread=True) as stopped:
        Path(__file__).read_text("utf-8")
        sys.modules.pop("xml.sax.saxutils", None)
        import_module("xml.sax.saxutils")

    assert stopped == []


def test_the_watch_ends_with_the_plan():
    """Afterwards everything goes out again."""
    with WATCH.kept(every_thread=True):
        pass

    assert socket.getaddrinfo("127.0.0.1", 80)


@pytest.mark.parametrize(("every_thread", "number"), [(True, 1), (False, 0)])
def test_a_run_under_way_is_not_disturbed(every_thread, number):
    """The plan of a run watches its own thread; where nothing but a plan is made, every thread is watched."""
    with WATCH.kept(every_thread=every_thread) as stopped, ThreadPoolExecutor(1) as other:
        error = other.submit(socket.getaddrinfo, "127.0.0.1", 80).exception(10)

    assert (len(stopped), isinstance(error, NotPermitted)) == (number, every_thread)
