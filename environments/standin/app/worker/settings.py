"""What worker, beat and Flower are told at their start, and cannot find out themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """`broker` is a redis:// URL, `database` how to connect as libpq writes it, `lies` are names of lies.py, `clock_file` is
    where beat notes what it started when. Flower without a log-in is `flower_open`.
    """

    broker: str
    database: str
    worker_name: str
    clock_file: str
    flower_username: str
    flower_password: str
    flower_open: bool = False
    lies: tuple[str, ...] = ()
