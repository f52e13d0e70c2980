"""Keep one stand-in up until Ctrl-C: `python -m environments.standin [--fault NAME] [--shape SHAPE] [--with GROUP,…|all]`."""

from __future__ import annotations

import argparse
import signal
import sys

from environments.standin import client
from environments.standin.accounts import ACCOUNTS
from environments.standin.client import StandIn, StandInFailed
from environments.standin.faults import UnknownFault, find
from environments.standin.groups import GROUPS
from environments.standin.site import SHAPES

ADDRESSES = (
    "app_url", "api_url", "monitoring_https_url", "www_url", "app_http_url", "websocket_url", "blue_1", "blue_2", "green_1",
    "database_address", "database_name", "database_user", "database_password", "database_app_user", "database_app_password",
    "cache_address", "cache_password", "ca_file", "workers_broker", "flower_url", "flower_username", "flower_password",
    "backup_folder", "backup_key_file", "s3_url", "s3_bucket", "s3_access_key", "s3_secret_key", "prometheus_url",
    "alertmanager_url", "grafana_url", "grafana_username", "grafana_password", "mail_sink_url", "mail_address",
    "webhook_sink_url", "access_log",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Start, tell, wait; 1 when it did not start."""
    options = parser().parse_args(arguments)
    try:
        faults = [find(name).name for name in options.fault]
        with client.start(lambda step: print(step, flush=True), options.shape, options.groups) as standin:
            standin.switch(faults)
            wait_for_groups(standin)
            print(description(standin), flush=True)
            wait(standin)
    except (StandInFailed, UnknownFault) as problem:
        print(f"standin: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nremoved")
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m environments.standin", description=__doc__)
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="break it like this")
    parser.add_argument("--shape", choices=SHAPES, default=SHAPES[0], help="the kind of installation it plays")
    parser.add_argument(
        "--with",
        dest="groups",
        type=groups,
        default=GROUPS,
        metavar="GROUP,…",
        help="all, none, or some of " + ", ".join(GROUPS),
    )
    return parser


def groups(text: str) -> tuple[str, ...]:
    """The groups that a command line names."""
    if text == "all":
        return GROUPS
    named = tuple(name for name in text.split(",") if name not in {"", "none"})
    if unknown := set(named) - set(GROUPS):
        raise argparse.ArgumentTypeError(
            f"no group is named {', '.join(sorted(unknown))}: there are {', '.join(GROUPS)}"
        )
    return named


def wait_for_groups(standin: StandIn) -> None:
    """Until all groups are up; one that is not is told of, and the rest stays."""
    for group in standin.groups():
        try:
            standin.wait_for(group)
            print(f"{group} up", flush=True)
        except StandInFailed as problem:
            print(f"standin: {group}: {problem}", file=sys.stderr, flush=True)


def wait(standin: StandIn) -> None:
    """Until Ctrl-C, a kind kill, or its own end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    assert standin.supervisor is not None
    standin.supervisor.wait()
    print("the stand-in has ended", file=sys.stderr)


def description(standin: StandIn) -> str:
    """Where it is and who may enter."""
    references = standin.references
    lines = [f"{key:22} {references[key]}" for key in ADDRESSES]
    lines += ["", "the names lead to 127.0.0.1, also where they do not resolve:"]
    lines += [f"  curl --cacert {references['ca_file']} --connect-to ::127.0.0.1: {references['app_url']}/health", ""]
    lines += [f"{account.role:18} {account.username:24} {account.password}" for account in ACCOUNTS]
    lines += ["", f"faults in force    {', '.join(standin.faults()) or 'none'}"]
    lines += [f"use it             pytest --env=local --standin={standin.folder} suites/smoke", "Ctrl-C removes it."]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
