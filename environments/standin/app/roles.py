"""The eight roles and what each may do (contract section 3)."""

from __future__ import annotations


def grants(text: str) -> frozenset[str]:
    """Permissions from `resource: action action, resource: action`."""
    resources = (part.partition(":") for part in text.split(","))
    return frozenset(f"{resource.strip()}:{action}" for resource, _, actions in resources for action in actions.split())


# What all eight may read.
FLOOR = grants("line: read, production: read, job: read, oee: read, andon: read, dashboard: read, equipment: read")

VIEWER = FLOOR | grants("reports: read generate, quality: read, dashboard: configure")

QUALITY = FLOOR | grants("reports: read generate, quality: read write approve, andon: create acknowledge")

MAINTENANCE = FLOOR | grants("equipment: write control maintain, quality: read, andon: create acknowledge resolve")

OPERATOR = FLOOR | grants(
    "checklist: read complete, downtime: read write, job: accept complete, quality: read, andon: create acknowledge"
)

ENGINEER = FLOOR | grants(
    "reports: read generate, downtime: read write, line: write, production: write, oee: calculate configure, "
    "equipment: write control maintain, quality: read, dashboard: configure, andon: create acknowledge resolve"
)

SHIFT_MANAGER = FLOOR | grants(
    "schedule: read write, checklist: read complete, downtime: read write confirm, reports: read generate, "
    "job: write assign complete, oee: calculate, quality: read, andon: create acknowledge resolve escalate"
)

PRODUCTION_MANAGER = SHIFT_MANAGER | grants(
    "line: write, production: write, schedule: delete, job: delete, checklist: write, oee: configure, "
    "reports: write schedule, dashboard: configure"
)

ADMIN = (
    PRODUCTION_MANAGER
    | ENGINEER
    | OPERATOR
    | QUALITY
    | grants(
        "user: read write delete, system: config maintenance, security: audit, "
        "line: delete, production: delete, checklist: delete, reports: delete"
    )
)

PERMISSIONS = {
    "admin": ADMIN,
    "production_manager": PRODUCTION_MANAGER,
    "shift_manager": SHIFT_MANAGER,
    "engineer": ENGINEER,
    "operator": OPERATOR,
    "maintenance": MAINTENANCE,
    "quality": QUALITY,
    "viewer": VIEWER,
}


def permissions_of(role: str) -> frozenset[str]:
    """What a role may do; nothing when it is unknown."""
    return PERMISSIONS.get(role, frozenset())
