"""The eight roles and what each may do (contract section 3)."""

from __future__ import annotations

# What all eight may read.
FLOOR = frozenset(
    "line:read production:read job:read oee:read andon:read dashboard:read equipment:read".split()
)

VIEWER = FLOOR | set("reports:read reports:generate quality:read dashboard:configure".split())

QUALITY = FLOOR | set(
    "reports:read reports:generate quality:read quality:write quality:approve andon:create andon:acknowledge".split()
)

MAINTENANCE = FLOOR | set(
    "equipment:write equipment:control equipment:maintain quality:read "
    "andon:create andon:acknowledge andon:resolve".split()
)

OPERATOR = FLOOR | set(
    "checklist:read checklist:complete downtime:read downtime:write job:accept job:complete quality:read "
    "andon:create andon:acknowledge".split()
)

ENGINEER = FLOOR | set(
    "reports:read reports:generate downtime:read downtime:write line:write production:write oee:calculate "
    "oee:configure equipment:write equipment:control equipment:maintain quality:read dashboard:configure "
    "andon:create andon:acknowledge andon:resolve".split()
)

SHIFT_MANAGER = FLOOR | set(
    "schedule:read schedule:write checklist:read checklist:complete downtime:read downtime:write downtime:confirm "
    "reports:read reports:generate job:write job:assign job:complete oee:calculate quality:read "
    "andon:create andon:acknowledge andon:resolve andon:escalate".split()
)

PRODUCTION_MANAGER = SHIFT_MANAGER | set(
    "line:write production:write schedule:delete job:delete checklist:write oee:configure "
    "reports:write reports:schedule dashboard:configure".split()
)

ADMIN = (
    PRODUCTION_MANAGER
    | ENGINEER
    | OPERATOR
    | QUALITY
    | set(
        "user:read user:write user:delete system:config system:maintenance security:audit "
        "line:delete production:delete checklist:delete reports:delete".split()
    )
)

PERMISSIONS: dict[str, frozenset[str]] = {
    "admin": frozenset(ADMIN),
    "production_manager": frozenset(PRODUCTION_MANAGER),
    "shift_manager": frozenset(SHIFT_MANAGER),
    "engineer": frozenset(ENGINEER),
    "operator": frozenset(OPERATOR),
    "maintenance": frozenset(MAINTENANCE),
    "quality": frozenset(QUALITY),
    "viewer": frozenset(VIEWER),
}


def permissions_of(role: str) -> frozenset[str]:
    """What a role may do; nothing when it is unknown."""
    return PERMISSIONS.get(role, frozenset())
