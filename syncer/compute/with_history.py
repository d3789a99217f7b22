"""Combine today's results with the ledger: forecasts, changes and their rows, check-ins. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from config.loading.loader import Config
from config.message import packed
from syncer.compute.check_ins import new_check_ins
from syncer.compute.definitions import Definition, cell_amount
from syncer.compute.delta import Snapshot, delta
from syncer.compute.projection import expression_of, project
from syncer.compute.states import KeyResultState
from syncer.ledger.recall import Recall
from syncer.ledger.records import MeasureRecord, ValueRecord
from syncer.model.history import DayValue
from syncer.sheet.view import SheetView
from syncer.sources.figures import MeasureResult
from syncer.sources.row_keys import RowKeys, asked_value, definition_digest


def measure_records(
    config: Config, results: Mapping[str, MeasureResult], keys: Mapping[str, RowKeys]
) -> dict[str, MeasureRecord]:
    """Build the ledger records of all measures read; their run id is still empty."""
    found: dict[str, MeasureRecord] = {}
    for name, result in results.items():
        measure, own = config.measures[name], keys.get(name)
        found[name] = MeasureRecord(
            run="",
            measure=name,
            definition=definition_digest(measure),
            noun=measure.table.replace("_", " "),
            became=asked_value(config.expressions[name].conditions),
            figure=result.figure.value,
            rows=getattr(result.answer, "count", None),
            counted=result.counted,
            keys=own.all if own else None,
            counted_keys=own.counted if own else None,
            key_column=own.column if own else "",
        )
    return found


def value_record(state: KeyResultState, now: datetime, run: str = "") -> ValueRecord:
    """Build the ledger record of a key result."""
    goal = state.definition.goal
    return ValueRecord(
        run=run,
        day=now.date(),
        at=now,
        key_result=state.definition.id,
        value=state.current if isinstance(state.current, Decimal) else None,
        progress=state.progress.progress,
        raw=state.progress.raw,
        expected=state.expected,
        status=state.status.value,
        reason=packed(state.reason),
        source=state.source,
        baseline=goal.baseline if goal else None,
        target=goal.target if goal else None,
        numbers=state.values,
        shares=state.shares,
    )


def with_history(
    config: Config, state: KeyResultState, measures: Mapping[str, MeasureRecord], recall: Recall, now: datetime
) -> KeyResultState:
    """Add the forecast and the changes since the last run to a state."""
    key, today = state.definition.id, now.date()
    former = state.definition.former_id
    value = recall.values.get(key) or recall.values.get(former)
    stood_on = {name: measures[name] for name in measures_of_state(state) if name in measures}
    changed = delta(Snapshot(value, recall.measures) if value else None, Snapshot(value_record(state, now), stood_on))
    current = state.current if isinstance(state.current, Decimal) else None
    points = [
        *recall.days.get(key, recall.days.get(former, ())),
        recall.this_morning.get(key) or DayValue(today, current, state.progress.progress),
    ]
    return replace(
        state,
        projection=project(state.definition, points, expression_of(state.definition, config.expressions)),
        delta=changed,
    )


def measures_of_state(state: KeyResultState) -> tuple[str, ...]:
    """Return the measures of a key result, each once."""
    names = (name for measure in state.definition.measures if measure for name in measure.names)
    return tuple(dict.fromkeys(names))


def with_today(
    recall: Recall, definitions: Sequence[Definition], view: SheetView, now: datetime, objectives: Collection[str]
) -> Recall:
    """Add what people changed in the sheet since the last run: check-ins and manual values."""
    keys = {definition.id for definition in definitions} | set(objectives)
    fresh = new_check_ins(view, keys, recall.check_ins, now)
    cared_for = {check_in.key_result: check_in.day for check_in in fresh if check_in.said}
    for definition in definitions:
        row = view.row_of(definition.id, definition.former_id)
        cell = row.cell("current") if row and definition.manual else None
        amount = cell_amount(cell) if cell else None
        days = recall.days.get(definition.id, ())
        if amount is not None and (not days or days[-1].value != amount.value):
            cared_for[definition.id] = now.date()
    last_good = dict(recall.past.last_good)
    for key, day in cared_for.items():
        last_good[key] = max(day, last_good.get(key, day))
    check_ins = dict(recall.check_ins)
    for check_in in fresh:
        check_ins[check_in.key_result] = (*check_ins.get(check_in.key_result, ()), check_in)
    return replace(recall, past=replace(recall.past, last_good=last_good), check_ins=check_ins, fresh=tuple(fresh))
