"""Drills: what may be done to a running stand-in on purpose, each with its undo (design, section 3: actuators).

`happens` is the type of event that subscribers hear then. A drill that is under way stands in a journal before it is
done and until it is undone, so whoever comes later can undo what was left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from environments.standin.acts import Act, Sql, Stop, SwitchSlot

if TYPE_CHECKING:
    from pathlib import Path

    from environments.standin.stack import Stack

JOURNAL = "drills.json"


@dataclass(frozen=True)
class Drill:
    """One thing that can be done and undone."""

    name: str
    what: str
    act: Act
    happens: str = ""


class UnknownDrill(KeyError):
    """No drill has this name; the message lists those that look like it."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name, DRILLS, n=4, cutoff=0.4)
        self.message = f"no drill is named {name!r}" + (f"; near: {', '.join(near)}" if near else "")
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


def inserted(table: str, columns: str, values: str, source: str, id: str = "md5('a drill')::uuid") -> Sql:
    """A row of our own: always the same one, so that its undo finds it."""
    target = f"factory_telemetry.{table}"
    insert = f"insert into {target} (id, {columns}) select {id}, {values} from {source} limit 1"
    return Sql(remember=f"select {id}", do=insert, undo=f"delete from {target} where id = %s")


def updated(table: str, column: str, value: str, key: str, which: str) -> Sql:
    """One row reads otherwise."""
    target = f"factory_telemetry.{table}"
    return Sql(
        remember=f"select {column}, {key} from {target} where {which}",
        do=f"update {target} set {column} = {value} where {which}",
        undo=f"update {target} set {column} = %s where {key} = %s",
    )


SERVICES = (
    "nginx", "blue-1", "blue-2", "green-1", "postgres", "cache", "producer", "worker", "beat", "flower", "object-store",
    "prometheus", "alertmanager", "grafana", "node-exporter", "postgres-exporter", "redis-exporter",
)  # fmt: skip
LINE = "factory_telemetry.production_lines line"
LINE_AND_PRODUCT = f"{LINE}, factory_telemetry.product_types product"
FIRST_LINE = "line_code = (select min(line_code) from factory_telemetry.production_lines)"
FIRST_MACHINE = "equipment_code = (select min(equipment_code) from factory_telemetry.context)"
DOWNTIME = "line_id, equipment_code, start_time, reason_code, reason_description, category"

REGISTRY = (
    *(Drill(f"stop-{service}", f"Stop {service}; the undo starts it.", Stop(service)) for service in SERVICES),
    Drill("switch-to-green", "Let the candidate answer.", SwitchSlot("green")),
    Drill("switch-to-blue", "Let the first slot answer.", SwitchSlot("blue")),
    Drill("line-status", "A line has a fault.",
          updated("production_lines", "status", "'fault'", "line_code", FIRST_LINE), "line"),
    Drill("machine-context", "A machine has another operator.",
          updated("context", "current_operator", "'Olga Operator'", "equipment_code", FIRST_MACHINE), "equipment"),
    Drill("job-assigned", "Somebody gets a job.",
          inserted("job_assignments", "schedule_id, user_id", "schedule.id, worker.id",
                   "factory_telemetry.production_schedules schedule, factory_telemetry.users worker"), "job"),
    Drill("schedule-planned", "The plan has one more order.",
          inserted("production_schedules", "line_id, product_type_id, scheduled_start, scheduled_end, target_quantity",
                   "line.id, product.id, now() + interval '2 days', now() + interval '3 days', 100", LINE_AND_PRODUCT), "production"),
    Drill("oee-calculated", "The OEE of a machine is calculated.",
          inserted("oee_calculations", "line_id, equipment_code, calculation_time, availability, performance, quality, oee",
                   "line.id, line.equipment_codes[1], now(), 0.9, 0.9, 0.9, 0.729", LINE, id="-4711"), "oee"),
    Drill("downtime-begun", "A machine stands still.",
          inserted("downtime_events", DOWNTIME, "line.id, line.equipment_codes[1], now(), 'JAM', 'Bag jam', 'unplanned'", LINE), "downtime"),
    Drill("andon-called", "Somebody calls for help.",
          inserted("andon_events", "line_id, equipment_code, event_type, priority, description",
                   "line.id, line.equipment_codes[1], 'material', 'low', 'Bags run out'", LINE), "andon"),
    Drill("andon-escalated", "A call goes one level up.",
          inserted("andon_escalations", "event_id, priority", "call.id, call.priority", "factory_telemetry.andon_events call"), "escalation"),
    Drill("quality-failed", "A quality check fails.",
          inserted("quality_checks", "line_id, product_type_id, check_time, check_type, check_result, quantity_checked, quantity_passed, quantity_failed",
                   "line.id, product.id, now(), 'in_process', 'fail', 10, 8, 2", LINE_AND_PRODUCT), "quality"),
    Drill("changeover-begun", "A line is set up for another product.",
          inserted("downtime_events", DOWNTIME, "line.id, line.equipment_codes[1], now(), 'CHG', 'Other loaf', 'changeover'", LINE,
                   id="md5('a changeover of a drill')::uuid"), "changeover"),
)  # fmt: skip
DRILLS = {drill.name: drill for drill in REGISTRY}


def find(name: str) -> Drill:
    """The drill of a name; `UnknownDrill` otherwise."""
    try:
        return DRILLS[name]
    except KeyError:
        raise UnknownDrill(name) from None


@dataclass
class Drills:
    """The drills under way on one stack."""

    stack: Stack
    under_way: list[str] = field(default_factory=list)

    @property
    def journal(self) -> Path:
        return self.stack.site.folder / JOURNAL

    async def act(self, name: str) -> None:
        """Do it, unless it is done already. One that failed has done nothing."""
        drill = find(name)
        if name in self.under_way:
            return
        self.write([*self.under_way, name])
        try:
            await drill.act.on(self.stack)
        except BaseException:
            self.write([one for one in self.under_way if one != name])
            raise

    async def undo(self, name: str) -> None:
        """Undo it, if it is under way; it stays in the journal when that fails."""
        drill = find(name)
        if name in self.under_way:
            await drill.act.off(self.stack)
            self.write([one for one in self.under_way if one != name])

    def write(self, names: list[str]) -> None:
        """By rename: a reader sees the old journal or the new one."""
        self.under_way = names
        new = self.journal.with_suffix(".new")
        new.write_text(json.dumps(names))
        new.rename(self.journal)
