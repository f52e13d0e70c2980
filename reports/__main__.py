"""``python -m reports verify FOLDER [--env --slot --release --suites --max-age --accept]``: exit 0 permits the switch."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path

from reports.verify import Wanted, verify


def main(arguments: list[str] | None = None) -> int:
    """0 where the record permits the switch, 1 with the objections where it does not."""
    given = parser().parse_args(arguments)
    max_age = None if given.max_age is None else timedelta(seconds=given.max_age)
    suites = tuple(given.suites.replace(",", " ").split())
    found = verify(given.record, Wanted(given.env, given.slot, given.release, suites, max_age, given.accept))
    for sentence in found:
        print(f"refused  {sentence}")
    if not found:
        print(f"permitted  {given.record}{f' under {given.accept}' if given.accept else ''}")
    return 1 if found else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m reports", description="What is made of a verdict.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="may this verdict switch traffic?")
    verify.add_argument("record", type=Path, help="report folder, or its verdict.json")
    verify.add_argument("--env", metavar="NAME", help="the environment that is to be switched")
    verify.add_argument("--slot", choices=("blue", "green"), help="the slot that is to be switched to")
    verify.add_argument("--release", metavar="VERSION", help="the release that is to be switched to")
    verify.add_argument("--suites", default="", metavar="A,B", help="suites that are needed beside [gate] required_suites")
    verify.add_argument("--max-age", type=float, metavar="SECONDS", help="the oldest verdict that counts")
    verify.add_argument("--accept", metavar="TICKET", help="honour this break-glass ticket, if the record has it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
