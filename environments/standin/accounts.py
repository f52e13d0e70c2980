"""The people of the stand-in: one account per role, the gate's own, and one to be tried with wrong passwords.

The passwords are known stand-in values, so their bcrypt hashes (cost 12) are computed beforehand and a start hashes
nothing. They open nothing but a stand-in on a loopback port.
"""

from __future__ import annotations

from dataclasses import dataclass

# fmt: off


@dataclass(frozen=True)
class Account:
    """One user: role (one of the eight, contract section 3), name, password and the bcrypt hash of it."""

    role: str
    username: str
    password: str
    password_hash: str

    @property
    def email(self) -> str:
        return f"{self.username}@plant.ms5.localhost"


ROLE_ACCOUNTS = (
    Account("admin", "ada.admin", "Standin-admin-4711", "$2b$12$FmmwepKhsQE5ck40SpP3euD9dhzxftRmsqrvGjJSCu5S0zSpX3azC"),
    Account("production_manager", "pia.production_manager", "Standin-production-manager-4711", "$2b$12$HxovWkVeYQZ05l/SiJwoqezaBKzbUgv8e.xXtRW91iee38fI8r1E2"),
    Account("shift_manager", "sam.shift_manager", "Standin-shift-manager-4711", "$2b$12$nLz2u37BofqO4VgLymlzMeqhkDbBfzvxoFWrxg0GOWrU16tRGnDv2"),
    Account("engineer", "enid.engineer", "Standin-engineer-4711", "$2b$12$vomnBn3hj4GdCIhgteTD0OYf.c9VnVk9vgw/Fc0WVU7EOmYgNRpzu"),
    Account("operator", "otto.operator", "Standin-operator-4711", "$2b$12$ghN03jsJ2rKYiq0.W.9w9O4UUHaxUB/.P96pJUz2LfOLo7dVQ1qg2"),
    Account("maintenance", "mara.maintenance", "Standin-maintenance-4711", "$2b$12$vpA1WAcAP/NSI7Pzsddm8eGYg0jG1BrDy3uV0UuFH3HHr9rmdgycG"),
    Account("quality", "quinn.quality", "Standin-quality-4711", "$2b$12$AJ8laYLqR7KD7IBIAEBd/uloI/rgRH8NxxBAkxmVWbwLd3elhEoz."),
    Account("viewer", "vera.viewer", "Standin-viewer-4711", "$2b$12$q9fG7fKekcJaasQzSZn/VuLZ9eUW.Sw5SFEMLxZZdeICuwOstEdx2"),
)
PROBE = Account("operator", "gate.probe", "Standin-probe-4711", "$2b$12$4oNxGhggsJ6L24TI2GNha.ksJJPH8N0Y8lkUrv8PjYRN7uRfboujG")
SACRIFICIAL = Account("viewer", "gate.sacrificial", "Standin-sacrificial-4711", "$2b$12$ac2cGp0jivC4wdxLt6jsROUyUgcnna0xP6mQR8v1.iIgNnNUr/BY2")

ACCOUNTS = (*ROLE_ACCOUNTS, PROBE, SACRIFICIAL)
