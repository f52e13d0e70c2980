"""What one replica is told at its start, and cannot find out itself."""

from __future__ import annotations

from dataclasses import dataclass

SERVICE = "MS5.0 Floor Dashboard API"
REFRESH_LIFE_SECONDS = 7 * 24 * 3600
LOCK_SECONDS = 30 * 60
WRONG_PASSWORDS_ALLOWED = 5


@dataclass(frozen=True)
class Settings:
    """`replica` is the slot and number, `hosts` the names it answers for, `documented` whether /docs exists."""

    replica: str
    release: str
    environment: str
    documented: bool
    hosts: tuple[str, ...]
    database_host: str
    database_port: int
    database_name: str
    database_user: str
    database_password: str
    database_ca_file: str
    cache_port: int
    cache_password: str
    jwt_secret: str
    access_life_seconds: int
    lies_file: str
    backup_status_file: str
    requests_allowed: int = 12_000  # of one address within 10 s (pace.py); the front door is stricter with strangers
