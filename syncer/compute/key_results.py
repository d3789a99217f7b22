"""Compute key results from figures. Pure; `today` is an argument."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal

from config.dataclass import dataclass
from config.expressions import Arithmetic
from config.loading.loader import Config
from config.message import Message, in_turn
from config.scalars import Amount
from connectors.okr_sheet import CellValue
from connectors.protocol import ReadError, Reading
from syncer.compute.definitions import Definition
from syncer.compute.row_definitions import typed_value
from syncer.compute.states import KeyResultState, WorkState, override_in
from syncer.method.check_in_days import Expected, due_since
from syncer.method.pace import earlier_periods, expected
from syncer.method.progress import UNKNOWN
from syncer.method.status import Standing, Status, is_stale, status_of
from syncer.model.cells import as_text
from syncer.model.history import Cause, Past
from syncer.sheet.layout import SheetRow
from syncer.sources.figures import Figure, MeasureResult, arithmetic


@dataclass(frozen=True, slots=True)
class Facts:
    """Inputs of a day: figures and their results, the date, and the history of this cycle."""

    figures: Mapping[str, Figure]
    results: Mapping[str, MeasureResult]
    today: date
    past: Past = field(default_factory=Past)

    @property
    def counted_from(self) -> date:
        """First day whose check-ins count: that of the first run in the cycle."""
        return self.past.first_run or self.today


def compute_key_result(config: Config, definition: Definition, row: SheetRow | None, facts: Facts) -> KeyResultState:
    """Compute the state of one key result."""
    results, today = facts.results, facts.today
    figures = [_value(definition, measure, facts, row) for measure in definition.measures]
    values = tuple(figure.value for figure in figures)
    names = [name for measure in definition.measures if measure for name in measure.names]
    earlier = _earlier(definition, facts)
    reason = _problem(definition, figures)
    progress = UNKNOWN if reason or definition.goal is None else definition.goal.progress(values, earlier)
    if progress.progress is None and not reason:
        reason = Message("no value")
    failed = any(isinstance(results[name].answer, ReadError) for name in names if name in results)
    due = expected(definition.start, definition.due, definition.expected_by(today), definition.pace)
    standing = Standing(
        progress.progress,
        due,
        definition.is_threshold,
        started=today >= definition.start,
        stale=_is_stale(config, definition, facts),
        dropped=definition.dropped is not None and today >= definition.dropped.date,
    )
    override, remark = override_in(row, definition.owner, today)
    status = status_of(standing, config.workspace.status)
    return KeyResultState(
        definition=definition,
        current=None if progress.progress is None else _current(definition, values),
        progress=progress,
        expected=due,
        status=status,
        reason=reason,
        cause=_cause(definition, values, failed=failed) if reason else None,
        failed=failed,
        rows=_rows(names, results),
        why=_why(names, results),
        source=", ".join(dict.fromkeys(f"{results[name].source} {name}" for name in names if name in results)),
        values=values,
        earlier=earlier,
        override=override,
        remark=remark,
        work=_work(definition, facts.figures),
        moved=_moved(definition, values, facts.past),
        due_since=_due_since(config, definition, override.status if override else status, facts),
    )


def _earlier(definition: Definition, facts: Facts) -> tuple[tuple[Decimal, ...], ...]:
    """Return earlier readings within the key result's dates, per number, for goals over several periods.

    Figures that settle later belong to the period of the day as of which they were read.
    """
    goal = definition.goal
    if goal is None:
        return ()
    overs = [part.over for part, _ in goal.parts] if goal.parts else [goal.over]
    if not any(overs):
        return ((),) * len(overs)
    today = definition.read_as_of(facts.today)
    readings = [
        (day, numbers)
        for reading in facts.past.days.get(definition.id, ())
        if definition.start <= (day := definition.read_as_of(reading.day)) <= min(definition.due, today)
        and len(numbers := reading.numbers or (reading.value,)) == len(overs)
    ]
    return tuple(
        earlier_periods([(day, numbers[index]) for day, numbers in readings], today, over)
        for index, over in enumerate(overs)
    )


def _is_stale(config: Config, definition: Definition, facts: Facts) -> bool:
    """Whether nobody checked in on a manual value within the cadence; measured values are never stale.

    Days before the first run of the cycle do not count.
    """
    cadence = config.workspace.check_in
    if cadence is None or any(measure is not None for measure in definition.measures):
        return False
    last = facts.past.last_check_in.get(definition.id)
    return last is not None and is_stale(max(last, facts.counted_from), facts.today, cadence.days)


def _due_since(config: Config, definition: Definition, status: Status, facts: Facts) -> date | None:
    """Return since when a check-in is due; None if none is: also for what is dropped, done or has not started."""
    cadence = config.workspace.check_in
    if cadence is None or status in (Status.DROPPED, Status.DONE, Status.NOT_STARTED):
        return None
    expected_days = Expected(cadence, definition.start, definition.due, facts.counted_from)
    return due_since(expected_days, facts.past.last_check_in.get(definition.id), facts.today)


def _work(definition: Definition, figures: Mapping[str, Figure]) -> WorkState | None:
    if definition.work is None:
        return None
    done, total = (None if (value := figures[name].value) is None else int(value) for name in definition.work)
    return WorkState(done, total)


def _moved(definition: Definition, values: Sequence[Decimal | None], past: Past) -> Decimal | None:
    """Return the change since the first value of the cycle, or else since the baseline."""
    first = past.first_values.get(definition.id, ())
    began = first[0] if len(first) == 1 else None
    if began is None and definition.goal is not None:
        began = definition.goal.baseline
    if len(values) != 1 or values[0] is None or began is None:
        return None
    return values[0] - began


def _value(definition: Definition, measure: Arithmetic | None, facts: Facts, row: SheetRow | None) -> Figure:
    if measure is not None:
        return arithmetic(measure, facts.figures)
    if row is not None and row.cell("current") is None:
        return Figure(None, Message("the sheet has no column for its value; `okrsync init --sheet` adds one"))
    typed = typed_value(row, "percent" if definition.percent else definition.unit)
    if typed is None:
        return Figure(None, Message("no value was typed in the sheet yet"))
    return Figure(typed.value) if isinstance(typed, Amount) else Figure(None, typed)


def _problem(definition: Definition, values: Sequence[Figure]) -> str:
    goal = definition.goal
    if goal is None:
        return definition.problem or Message("has no goal")
    for figure in values if goal.is_measured else ():
        if figure.value is None:
            return figure.reason
        if problem := goal.value_problem(figure.value):
            return problem
    return ""


def _cause(definition: Definition, values: Sequence[Decimal | None], *, failed: bool) -> Cause:
    if definition.goal is None:
        return Cause.NO_GOAL
    if failed:
        return Cause.READ_FAILED
    unknown = [measure for measure, value in zip(definition.measures, values, strict=True) if value is None]
    return Cause.NOT_TYPED if unknown[:1] == [None] else Cause.NO_VALUE


def _current(definition: Definition, values: Sequence[Decimal | None]) -> CellValue:
    goal = definition.goal
    if goal is not None and goal.value_text:
        return goal.value_text
    if len(values) > 1:
        return "; ".join(as_text(value) for value in values)
    return values[0]


def _rows(names: Sequence[str], results: Mapping[str, MeasureResult]) -> int | None:
    answers = {id(result.answer): result.answer for name in names if (result := results.get(name))}
    if not answers or any(not isinstance(answer, Reading) for answer in answers.values()):
        return None
    return sum(answer.count for answer in answers.values() if isinstance(answer, Reading))


def _why(names: Sequence[str], results: Mapping[str, MeasureResult]) -> str:
    parts = []
    for name in dict.fromkeys(names):
        result = results.get(name)
        if result is None or not isinstance(result.answer, Reading):
            return ""
        rows, counted = result.answer.count, result.counted
        if counted is None:
            parts.append(Message("{count:,} row", "{count:,} rows", count=rows))
        else:
            parts.append(
                Message("{counted:,} of {count:,} row", "{counted:,} of {count:,} rows", counted=counted, count=rows)
            )
    return in_turn(dict.fromkeys(parts)) if parts else ""
