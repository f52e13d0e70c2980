"""The words of the contract (section 2) as types, and what requests and answers are made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints

LineStatus = Literal["running", "stopped", "fault", "maintenance", "setup", "idle"]
EquipmentStatus = Literal["running", "stopped", "fault", "offline"]
ScheduleStatus = Literal["scheduled", "in_progress", "completed", "cancelled", "paused"]
JobStatus = Literal["assigned", "accepted", "in_progress", "completed", "cancelled"]
AndonType = Literal["stop", "quality", "maintenance", "material"]
AndonPriority = Literal["low", "medium", "high", "critical"]
AndonStatus = Literal["open", "acknowledged", "resolved", "escalated"]
EscalationStatus = Literal["active", "acknowledged", "escalated", "cancelled", "resolved"]
DowntimeCategory = Literal["planned", "unplanned", "changeover", "maintenance"]
AlertType = Literal["oee_low", "downtime_high", "quality_issue", "maintenance_due", "target_missed"]
AlertSeverity = Literal["info", "warning", "error", "critical"]
ReportStatus = Literal["generating", "completed", "failed", "deleted"]
Role = Literal[
    "admin", "production_manager", "shift_manager", "engineer", "operator", "maintenance", "quality", "viewer"
]

LARGEST_INTEGER = 2**31 - 1  # PostgreSQL's integer


def printable(text: str) -> str:
    """A text that the database can hold; `ValueError` for control characters and half characters."""
    if not all(letter.isprintable() or letter in "\n\t" for letter in text):
        raise ValueError("The text holds a character that is not printable")
    return text


Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_INTEGER)]
Speed = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), AfterValidator(printable)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(printable)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)]


def counts(source: str, column: str, words: Any) -> str:
    """SQL: an object with each word of a type and how many rows of `source` have it, 0 too."""
    listed = ",".join(get_args(words))
    return (
        f"(select jsonb_object_agg(word, (select count(*) from {source} counted where counted.{column} = word))"
        f" from unnest('{{{listed}}}'::text[]) word)"
    )
