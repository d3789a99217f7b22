"""Definitions of key results, from the config completed by the sheet's row, or from the row alone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from config.cycles import Cycle
from config.expressions import Arithmetic
from config.goal_specs import GoalSpec, spec_of
from config.goals import GoalError, make_goal
from config.loading.loader import Config, KeyResultEntry
from config.message import Message
from config.models import Ambition, Dropped, Objective, Pace, Revision
from config.scalars import Amount, parse_amount
from config.sql.checking import check_arithmetic
from config.sql.messages import ExpressionError
from config.suggest import did_you_mean
from connectors.okr_sheet import Cell, CellValue
from syncer.method.goal import Goal
from syncer.method.kinds import goal_of
from syncer.model.cells import as_text
from syncer.model.history import Past, Values
from syncer.sheet.columns import DEFINITION_HEADERS
from syncer.sheet.layout import SheetRow, filled_down


@dataclass(frozen=True, slots=True)
class Definition:
    """Definition of a key result for computing.

    Attributes:
        goal: None if config and sheet define no valid goal; `problem` then says why.
        measures: one entry, or one per part; None for a number entered by a person.
        stated: definition cells set in the config.
        work: names of the figures of its actions: done, and all.
    """

    id: str
    title: str
    objective: str
    owner: str
    team: str
    unit: str
    weight: Decimal
    cycle: Cycle
    start: date
    due: date
    pace: Pace
    goal: Goal | None
    measures: tuple[Arithmetic | None, ...]
    stated: Mapping[str, CellValue]
    former_id: str = ""
    problem: str = ""
    allow_empty: bool = False
    in_config: bool = True
    type: Ambition = "aspirational"
    theme: str = ""
    kpi: str = ""
    work: tuple[str, str] | None = None
    revisions: tuple[Revision, ...] = ()
    dropped: Dropped | None = None

    @property
    def percent(self) -> bool:
        """Whether the goal's numbers are displayed as percentages."""
        return self.goal is not None and self.goal.percent

    @property
    def parts_percent(self) -> tuple[bool, ...]:
        """Whether each part is displayed as a percentage; empty for a goal without parts."""
        return tuple(part.percent for part, _ in self.goal.parts) if self.goal else ()

    @property
    def manual(self) -> bool:
        """Whether a person enters the value in the sheet."""
        return self.measures == (None,) and (self.goal is None or self.goal.has_value)

    @property
    def is_threshold(self) -> bool:
        """Whether the goal is met or not met, regardless of the time that has passed."""
        return self.goal is not None and self.goal.is_threshold


class _UnusableCellError(ValueError):
    """A cell that cannot be parsed as a value of its column."""


def from_config(config: Config, entry: KeyResultEntry, row: SheetRow | None, past: Past | None = None) -> Definition:
    """Build a definition from the config, completed by the sheet's row; `past` may supply the baseline."""
    stated = entry.definition
    objective = config.workspace.objectives.get(entry.objective_id or "", Objective())
    goal, weight, problem = _goal_of(config, entry, row, (past or Past()).first_values.get(entry.id, ()))
    cycle = config.workspace.cycle_of(entry.objective_id)
    texts = {
        "title": stated.title,
        "owner": stated.owner,
        "team": stated.team or objective.team,
        "unit": stated.unit,
    }
    return Definition(
        id=entry.id,
        title=texts["title"] or _text(row, "title"),
        objective=entry.objective_id or _text(row, "objective"),
        owner=texts["owner"] or _text(row, "owner"),
        team=texts["team"] or _text(row, "team"),
        unit=texts["unit"] or _text(row, "unit"),
        weight=weight,
        cycle=cycle,
        start=stated.start or cycle.first,
        due=stated.due or cycle.last,
        pace=stated.pace or config.workspace.pace,
        goal=goal,
        measures=entry.parts if stated.parts else (entry.measure,),
        stated={**{name: text for name, text in texts.items() if text}, **_stated_numbers(entry, goal)},
        former_id=stated.was or "",
        problem=problem,
        allow_empty=stated.allow_empty,
        type=stated.type or objective.type,
        theme=stated.theme or objective.theme or "",
        kpi=stated.kpi or "",
        work=entry.work,
        revisions=stated.revisions,
        dropped=stated.dropped,
    )


def _goal_of(
    config: Config, entry: KeyResultEntry, row: SheetRow | None, first: Values
) -> tuple[Goal | None, Decimal, str]:
    """Return the goal, the weight, and why there is no goal."""
    stated = entry.definition
    spec = spec_of(stated, additive=_additive(config, entry.measure), parts_additive=tuple(
        _additive(config, measure) for measure in entry.parts
    ))  # fmt: skip
    weight = stated.weight.value if stated.weight else Decimal(1)
    try:
        weight = weight if stated.weight else _weight(row)
        return goal_of(make_goal(_started(_completed(spec, row), first))), weight, ""
    except (GoalError, _UnusableCellError) as error:
        return None, weight, str(error)


def _started(spec: GoalSpec, first: Values) -> GoalSpec:
    """Set the baselines that are the first values of the cycle, if known."""
    if spec.parts and len(first) == len(spec.parts):
        parts = zip(spec.parts, first, strict=True)
        return replace(spec, parts=tuple(_started(part, (value,)) for part, value in parts))
    if not spec.from_start or len(first) != 1 or first[0] is None:
        return spec
    percent = spec.unit == "percent" or bool(spec.target and spec.target.percent)
    percent = percent or bool(spec.change and spec.change.kind == "points")
    return replace(spec, baseline=Amount(first[0], percent=percent))


def from_row(config: Config, row: SheetRow) -> Definition | None:
    """Build a definition from a row alone: its source cell names a measure. None for an empty source cell."""
    source = _text(row, "source")
    if not source:
        return None
    measure, problem, goal, weight = None, "", None, Decimal(1)
    checked = check_arithmetic([(source, tuple(config.workspace.measures))])[0]
    if isinstance(checked, ExpressionError):
        meant = did_you_mean(source, config.workspace.measures)
        problem = Message("its source '{source}' names no measure{meant}", source=source, meant=meant)
    else:
        measure = checked
        try:
            weight = _weight(row)
            goal = goal_of(make_goal(_completed(GoalSpec(additive=_additive(config, measure)), row)))
        except (GoalError, _UnusableCellError) as error:
            problem = str(error)
    objective = _objective_named(config, row)
    cycle = config.workspace.cycle_of(objective)
    return Definition(
        id=row.id,
        title=_text(row, "title"),
        objective=objective,
        owner=_text(row, "owner"),
        team=_text(row, "team"),
        unit=_text(row, "unit"),
        weight=weight,
        cycle=cycle,
        start=cycle.first,
        due=cycle.last,
        pace=config.workspace.pace,
        goal=goal,
        measures=(measure,),
        stated={},
        problem=problem,
        in_config=False,
    )


def _additive(config: Config, measure: Arithmetic | None) -> bool:
    return measure is not None and all(config.expressions[name].additive for name in measure.names)


def _stated_numbers(entry: KeyResultEntry, goal: Goal | None) -> dict[str, CellValue]:
    stated = entry.definition
    found: dict[str, CellValue] = {}
    if stated.stated_baseline is not None:
        found["baseline"] = stated.stated_baseline.value
    elif stated.starts_with_the_cycle and goal is not None and goal.baseline is not None:
        found["baseline"] = goal.baseline
    if stated.target is not None:
        found["target"] = stated.target.value
    elif stated.change is not None and goal is not None and goal.target is not None:
        found["target"] = goal.target
    elif stated.parts and goal is not None:
        found["target"] = "; ".join(as_text(part.target) for part, _ in goal.parts)
    if stated.weight is not None:
        found["weight"] = stated.weight.value
    if isinstance(stated.measure, str):
        found["source"] = stated.measure
    return found


def _completed(spec: GoalSpec, row: SheetRow | None) -> GoalSpec:
    """Fill in what the config leaves out from the row."""
    if row is None or spec.parts or spec.steps:
        return spec
    baseline = spec.baseline or (None if spec.from_start else _amount(row, "baseline"))
    target = spec.target
    if target is None and spec.change is None and spec.low is None and spec.high is None:
        target = _amount(row, "target")
    return replace(spec, baseline=baseline, target=target, unit=spec.unit or _text(row, "unit") or None)


def _amount(row: SheetRow, column: str) -> Amount | None:
    cell = row.cell(column)
    if cell is None or (cell.value is None and cell.error is None):
        return None
    value = cell_amount(cell)
    if value is None:
        shown = cell.error or as_text(cell.value)
        raise _UnusableCellError(
            Message(
                "the {column} in row {number} is '{shown}', which is not a number",
                column=DEFINITION_HEADERS[column],
                number=row.number,
                shown=shown,
            )
        )
    return value


def cell_amount(cell: Cell) -> Amount | None:
    """Return the number in a cell, typed as a number or as a text such as `90%`; None for anything else."""
    if cell.error is None and isinstance(cell.value, Decimal):
        return Amount(cell.value, percent=cell.percent)
    if cell.error is None and isinstance(cell.value, str):
        try:
            return parse_amount(cell.value)
        except ValueError:
            return None
    return None


def _weight(row: SheetRow | None) -> Decimal:
    """Return the weight in a row, by default 1. Raises _UnusableCellError."""
    amount = _amount(row, "weight") if row else None
    if row is not None and amount is not None and amount.value <= 0:
        raise _UnusableCellError(
            Message(
                "the weight in row {number} is {value}; a weight is above 0",
                number=row.number,
                value=as_text(amount.value),
            )
        )
    return amount.value if amount else Decimal(1)


def _text(row: SheetRow | None, column: str) -> str:
    cell = filled_down(row.layout, row.row, column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""


def _objective_named(config: Config, row: SheetRow) -> str:
    """Return the id of the objective whose id or title is in the row's (merged) objective cell, else its text."""
    named = _text(row, "objective")
    for key, objective in config.workspace.objectives.items():
        if named and (named in (key, objective.title) or named.startswith(f"{key} ")):
            return key
    return named
