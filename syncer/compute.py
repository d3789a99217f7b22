"""Figures to key results to objectives: what today's numbers mean. Pure; `today` is an argument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.expressions import Arithmetic
from config.goals import value_problem
from config.loader import Config
from connectors.base import ReadError, Reading
from connectors.okr_sheet import CellValue
from syncer.definitions import Definition, cell_amount
from syncer.delta import NOTHING as NO_DELTA
from syncer.delta import Delta
from syncer.evaluate import Figure, arithmetic
from syncer.okr.pace import expected
from syncer.okr.progress import UNKNOWN, Progress, measure_progress
from syncer.okr.rollup import Member, RollUp, roll_up
from syncer.okr.status import Standing, Status, status_of
from syncer.outlook import NO_OUTLOOK, Outlook
from syncer.sheet_layout import SheetRow
from syncer.three_way import as_text
from syncer.words import say


@dataclass(frozen=True, slots=True)
class Basis:
    """What a measure's figure stands on.

    `source` is its table; `counted` how many of the rows its conditions pick, None where every row counts.
    """

    figure: Figure
    answer: Reading | ReadError | None
    source: str
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class KeyResultState:
    """A key result today.

    Attributes:
        current: what its current-value cell should hold; None when unknown.
        reason: why it is unknown, in words; empty when it is known.
        failed: a read failed (unlike data that holds no number).
        rows: how many rows its reads brought; None when unknown.
        why: its value in words; source: where it came from.
        values: the numbers it is made of: one, or one per part.
        outlook: where its values of this cycle lead; delta: what changed since the last run. Both need a ledger.
    """

    definition: Definition
    current: CellValue
    progress: Progress
    expected: Decimal
    status: Status
    reason: str = ""
    failed: bool = False
    rows: int | None = None
    why: str = ""
    source: str = ""
    values: tuple[Decimal | None, ...] = ()
    outlook: Outlook = NO_OUTLOOK
    delta: Delta = NO_DELTA

    @property
    def known(self) -> bool:
        """Whether it has a progress today."""
        return self.progress.progress is not None


@dataclass(frozen=True, slots=True)
class ObjectiveState:
    """An objective today."""

    id: str
    title: str
    team: str
    rollup: RollUp
    expected: Decimal


def measure_figures(config: Config, bases: Mapping[str, Basis]) -> dict[str, Figure]:
    """The figures by measure; `unit: percent` on a measure divides a value such as 90 by 100, once."""
    figures = {}
    for name, basis in bases.items():
        figure = basis.figure
        if config.measures[name].unit == "percent" and figure.value is not None:
            figure = Figure(figure.value / 100)
        figures[name] = figure
    return figures


def compute_key_result(
    config: Config,
    definition: Definition,
    row: SheetRow | None,
    figures: Mapping[str, Figure],
    bases: Mapping[str, Basis],
    today: date,
) -> KeyResultState:
    """The state of one key result."""
    values = [_value(measure, figures, row, config.workspace.language) for measure in definition.measures]
    names = [name for measure in definition.measures if measure for name in measure.names]
    reason = _problem(definition, values)
    progress = UNKNOWN if reason or definition.goal is None else _progress(definition, values)
    if progress.progress is None and not reason:
        reason = "no value"
    due = expected(definition.start, definition.due, today)
    kind = definition.goal.kind if definition.goal else "increase"
    standing = Standing(kind, progress.progress, due, started=today >= definition.start)
    status = status_of(standing, config.workspace.status)
    return KeyResultState(
        definition=definition,
        current=None if progress.progress is None else _current(definition, values),
        progress=progress,
        expected=due,
        status=status,
        reason=reason,
        failed=any(isinstance(bases[name].answer, ReadError) for name in names if name in bases),
        rows=_rows(names, bases),
        why=_why(names, bases, config.workspace.language),
        values=tuple(figure.value for figure in values),
        source=", ".join(dict.fromkeys(f"{bases[name].source} {name}" for name in names if name in bases)),
    )


def _value(measure: Arithmetic | None, figures: Mapping[str, Figure], row: SheetRow | None, language: str) -> Figure:
    if measure is not None:
        return arithmetic(measure, figures)
    cell = row.cell("current") if row else None
    if cell is None or (cell.value is None and cell.error is None):
        return Figure(None, say(language, "no value was typed in the sheet yet", "試算表中尚未填寫目前值"))
    amount = cell_amount(cell)
    if amount is not None:
        return Figure(amount.value)
    shown = cell.error or as_text(cell.value)
    return Figure(None, say(language, f"the sheet holds '{shown}', not a number", f"試算表中是「{shown}」，不是數字"))


def _problem(definition: Definition, values: Sequence[Figure]) -> str:
    if definition.goal is None:
        return definition.problem or "has no goal"
    if definition.goal.kind == "milestone":
        return ""
    for figure in values:
        if figure.value is None:
            return figure.reason
        if definition.goal.kind != "parts" and (problem := value_problem(definition.goal, figure.value)):
            return problem
    return ""


def _progress(definition: Definition, values: Sequence[Figure]) -> Progress:
    assert definition.goal is not None  # noqa: S101 - the caller checked; this tells the type checker
    if definition.goal.kind == "parts":
        return measure_progress(definition.goal, None, [figure.value for figure in values])
    return measure_progress(definition.goal, values[0].value if values else None)


def _current(definition: Definition, values: Sequence[Figure]) -> CellValue:
    goal = definition.goal
    if goal is not None and goal.kind == "milestone":
        return f"{sum(step.done for step in goal.steps)}/{len(goal.steps)}"
    if len(values) > 1:
        return "; ".join(as_text(figure.value) for figure in values)
    return values[0].value


def _rows(names: Sequence[str], bases: Mapping[str, Basis]) -> int | None:
    answers = {id(basis.answer): basis.answer for name in names if (basis := bases.get(name))}
    if not answers or any(not isinstance(answer, Reading) for answer in answers.values()):
        return None
    return sum(answer.count for answer in answers.values() if isinstance(answer, Reading))


def _why(names: Sequence[str], bases: Mapping[str, Basis], language: str) -> str:
    told = []
    for name in dict.fromkeys(names):
        basis = bases.get(name)
        if basis is None or not isinstance(basis.answer, Reading):
            return ""
        rows, counted = basis.answer.count, basis.counted
        if counted is None:
            told.append(say(language, f"{rows:,} row{'s' if rows != 1 else ''}", f"{rows:,} 列"))
        else:
            told.append(say(language, f"{counted:,} of {rows:,} rows", f"{rows:,} 列中的 {counted:,} 列"))
    return "; ".join(told)


def compute_objectives(config: Config, states: Sequence[KeyResultState], today: date) -> tuple[ObjectiveState, ...]:
    """The objectives of the config, each over its key results and over what is rolled up into it, in config order."""
    cycle = config.workspace.cycle
    due = expected(cycle.first, cycle.last, today)
    members: dict[str, list[Member]] = {key: [] for key in config.workspace.objectives}
    for state in states:
        if state.definition.objective in members:
            members[state.definition.objective].append(
                Member(
                    state.definition.id, state.progress.progress, state.definition.weight, state.status, state.expected
                )
            )
    rolled: dict[str, RollUp] = {}

    def rollup_of(key: str) -> RollUp:
        if key not in rolled:
            below = [
                Member(child, (up := rollup_of(child)).progress, _weight(config, child), up.status, due)
                for child, objective in config.workspace.objectives.items()
                if objective.rollup == "include" and key in objective.aligns_to
            ]
            rolled[key] = roll_up(
                [*members[key], *below], config.workspace.objectives[key].status, config.workspace.status
            )
        return rolled[key]

    return tuple(
        ObjectiveState(key, objective.title or key, objective.team or "", rollup_of(key), due)
        for key, objective in config.workspace.objectives.items()
    )


def _weight(config: Config, key: str) -> Decimal:
    weight = config.workspace.objectives[key].weight
    return weight.value if weight else Decimal(1)
