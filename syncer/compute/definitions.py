"""Definitions of key results, from the config completed by the sheet's row, or from the row alone. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from config.cycles import Cycle
from config.dataclass import dataclass
from config.expressions import Arithmetic
from config.goal_specs import GoalSpec, spec_of
from config.goals import GoalError, make_goal
from config.loading.loader import Config, KeyResultEntry
from config.message import Message
from config.models import Ambition, Dropped, LargeNumbers, Objective, Pace, Revision
from config.scalars import Amount
from config.sql.checking import check_arithmetic
from config.sql.messages import ExpressionError
from config.suggest import did_you_mean
from connectors.okr_sheet import CellValue
from syncer.compute.own_titles import own_title
from syncer.compute.row_definitions import (
    UnusableCellError,
    completed,
    is_typed,
    text_in,
    unit_in,
    weight_in,
)
from syncer.compute.zero_start import falls
from syncer.method.goal import Goal
from syncer.method.kinds import goal_of
from syncer.model.cells import as_text
from syncer.model.history import Past, Values
from syncer.model.number_style import NumberStyle
from syncer.sheet.layout import SheetRow

_NO_OBJECTIVE = Objective.model_construct()
"""Its defaults, for key results below no objective of the config."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Definition of a key result for computing.

    Attributes:
        title: its title, without the id if it begins with that.
        goal: None if config and sheet define no valid goal; `problem` then says why.
        measures: one entry, or one per part; None for a number entered by a person.
        stated: definition cells set in the config.
        work: names of the figures of its actions: done, and all.
        settle: number of days after which the figures of all its measures are complete.
        large: how large numbers are shown; part_units: the units of its parts.
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
    from_zero: bool = False
    """Whether the baseline was left out and counts as 0."""
    in_config: bool = True
    type: Ambition = "aspirational"
    theme: str = ""
    kpi: str = ""
    work: tuple[str, str] | None = None
    revisions: tuple[Revision, ...] = ()
    dropped: Dropped | None = None
    settle: int = 0
    large: LargeNumbers = "digits"
    part_units: tuple[str, ...] = ()

    def expected_by(self, today: date) -> date:
        """Return the day before which days count as passed: today, or the day after the last that has settled."""
        return today - timedelta(days=max(self.settle - 1, 0))

    def read_as_of(self, today: date) -> date:
        """Return the day as of which figures are read: today, or the last day of the cycle that has settled."""
        return min(today - timedelta(days=self.settle), self.cycle.last) if self.settle else today

    @property
    def percent(self) -> bool:
        """Whether the goal's numbers are displayed as percentages."""
        return self.goal is not None and self.goal.percent

    @property
    def parts_percent(self) -> tuple[bool, ...]:
        """Whether each part is displayed as a percentage; empty for a goal without parts."""
        return tuple(part.percent for part, _ in self.goal.parts) if self.goal else ()

    @property
    def style(self) -> NumberStyle:
        """How its numbers are shown."""
        if self.goal is None:
            return NumberStyle(unit=self.unit, large=self.large)
        units = self.part_units or ("",) * len(self.goal.parts)
        parts = tuple(
            NumberStyle(part.percent, unit, self.large, part.numbers)
            for (part, _), unit in zip(self.goal.parts, units, strict=True)
        )
        return NumberStyle(self.goal.percent, self.unit, self.large, self.goal.numbers, parts)

    @property
    def manual(self) -> bool:
        """Whether a person enters the value in the sheet."""
        return self.measures == (None,) and (self.goal is None or self.goal.has_value)

    @property
    def is_threshold(self) -> bool:
        """Whether the goal is met or not met, regardless of the time that has passed."""
        return self.goal is not None and self.goal.is_threshold


def from_config(
    config: Config, entry: KeyResultEntry, row: SheetRow | None, past: Past | None = None, named: str = ""
) -> Definition:
    """Build a definition from the config, completed by the sheet's row; `past` may supply the baseline.

    `named` is the objective that the row names, for a key result below none in the config.
    """
    stated = entry.definition
    objective = config.workspace.objectives.get(entry.objective_id or "", _NO_OBJECTIVE)
    built = _built(config, entry, row, (past or Past()).first_values.get(entry.id, ()))
    goal = built.goal
    cycle = config.workspace.cycle_of(entry.objective_id)
    texts = {
        "title": stated.title,
        "owner": stated.owner,
        "team": stated.team or objective.team,
        "unit": stated.unit,
    }
    return Definition(
        id=entry.id,
        title=own_title(entry.id, texts["title"] or text_in(row, "title")),
        objective=entry.objective_id or named,
        owner=texts["owner"] or text_in(row, "owner"),
        team=texts["team"] or text_in(row, "team"),
        unit=texts["unit"] or unit_in(row),
        weight=built.weight,
        cycle=cycle,
        start=stated.start or cycle.first,
        due=stated.due or cycle.last,
        pace=stated.pace or config.workspace.pace,
        goal=goal,
        measures=entry.parts if stated.parts else (entry.measure,),
        stated={**{name: text for name, text in texts.items() if text}, **_stated_numbers(entry, goal)},
        former_id=stated.was or "",
        problem=built.problem,
        from_zero=built.from_zero,
        allow_empty=stated.allow_empty,
        type=stated.type or objective.type,
        theme=stated.theme or objective.theme or "",
        kpi=stated.kpi or "",
        work=entry.work,
        revisions=stated.revisions,
        dropped=stated.dropped,
        settle=_settle(config, entry.parts if stated.parts else (entry.measure,)),
        large=config.workspace.numbers.large,
        part_units=tuple(part.unit or "" for part in stated.parts),
    )


@dataclass(frozen=True, slots=True)
class _Built:
    """A goal and its weight, why there is no goal, and whether its baseline was left out and is 0."""

    goal: Goal | None
    weight: Decimal
    problem: str = ""
    from_zero: bool = False


def _built(config: Config, entry: KeyResultEntry, row: SheetRow | None, first: Values) -> _Built:
    """Make the goal of a key result from the config, its row, and its first value of the cycle."""
    stated = entry.definition
    typed = entry.measure is None and not (stated.measure or stated.parts or stated.steps)
    additive = not falls(stated.title or text_in(row, "title")) if typed else _additive(config, entry.measure)
    parts = tuple(_additive(config, measure) for measure in entry.parts)
    spec = spec_of(stated, additive=additive, parts_additive=parts)
    return _built_of(spec, row, stated.weight.value if stated.weight else None, first)


def _built_of(spec: GoalSpec, row: SheetRow | None, weight: Decimal | None = None, first: Values = ()) -> _Built:
    """Make a goal, completed by the row, which also has the weight where none is stated."""
    known = Decimal(1) if weight is None else weight
    try:
        known = weight_in(row) if weight is None else weight
        spec = _started(completed(spec, row), first)
        goal = goal_of(make_goal(spec))
    except (GoalError, UnusableCellError) as error:
        return _Built(None, known, str(error))
    return _Built(goal, known, from_zero=_from_zero(goal, spec))


def _from_zero(goal: Goal, spec: GoalSpec) -> bool:
    """Whether the goal is measured from a baseline that was left out."""
    return goal.is_distance and spec.baseline is None and not goal.parts


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


def from_row(config: Config, row: SheetRow, objective: str) -> Definition | None:
    """Build a definition from a row alone, whose objective it names: its source is a measure, or people type its value.

    None for a row without a source that lacks a title or a target.
    """
    source, title = text_in(row, "source"), text_in(row, "title")
    if not source and not is_typed(row):
        return None
    checked = check_arithmetic([(source, tuple(config.workspace.measures))])[0] if source else None
    built = _Built(None, Decimal(1))
    if isinstance(checked, ExpressionError):
        meant = did_you_mean(source, config.workspace.measures)
        problem = Message("its source '{source}' is not the name of a measure{meant}", source=source, meant=meant)
        built, checked = replace(built, problem=problem), None
    else:
        built = _built_of(GoalSpec(additive=_additive(config, checked) if checked else not falls(title)), row)
    cycle = config.workspace.cycle_of(objective)
    above = config.workspace.objectives.get(objective, _NO_OBJECTIVE)
    return Definition(
        id=row.id,
        title=own_title(row.id, title),
        objective=objective,
        owner=text_in(row, "owner"),
        team=text_in(row, "team") or above.team or "",
        unit=unit_in(row),
        weight=built.weight,
        cycle=cycle,
        start=cycle.first,
        due=cycle.last,
        pace=config.workspace.pace,
        goal=built.goal,
        measures=(checked,),
        stated={},
        problem=built.problem,
        from_zero=built.from_zero,
        in_config=False,
        settle=_settle(config, (checked,)),
        large=config.workspace.numbers.large,
    )


def _additive(config: Config, measure: Arithmetic | None) -> bool:
    return measure is not None and all(config.expressions[name].starts_at_zero for name in measure.names)


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


def _settle(config: Config, measures: Sequence[Arithmetic | None]) -> int:
    names = {name for measure in measures if measure for name in measure.names}
    return max((config.measures[name].settle or 0 for name in names), default=0)
