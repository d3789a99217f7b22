"""Combine today's results with the ledger: forecasts, changes and their rows. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from config.dataclass import dataclass
from config.loading.loader import Config
from config.masking import mask
from config.message import packed
from syncer.compute.projection import expression_of, project
from syncer.compute.states import KeyResultState
from syncer.ledger.recall import Recall
from syncer.ledger.records import MeasureRecord, ValueRecord
from syncer.model.history import NOTHING, DayValue, Delta, Keys, MeasureDelta, Step
from syncer.sources.figures import MeasureResult
from syncer.sources.row_keys import RowKeys, asked_value, definition_digest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One key result in one run: its value and its measures."""

    value: ValueRecord
    measures: Mapping[str, MeasureRecord]


def delta(before: Snapshot | None, after: Snapshot) -> Delta:
    """Compare a run with a later one. Without an earlier run the delta is empty."""
    if before is None:
        return NOTHING
    compared = [
        measure_delta(before.measures[name], record)
        for name, record in sorted(after.measures.items())
        if name in before.measures
    ]
    return Delta(
        baseline=_step(before.value.baseline, after.value.baseline),
        target=_step(before.value.target, after.value.target),
        measures=tuple(each for each in compared if not each.says_nothing),
        several=len(after.measures) > 1,
    )


def measure_delta(before: MeasureRecord, after: MeasureRecord) -> MeasureDelta:
    """Compare two records of a measure; empty if one of the reads failed."""
    if before.rows is None or after.rows is None:
        return MeasureDelta(after.measure, after.noun, after.became)
    redefined = before.definition != after.definition
    other_keys = before.keys is None or after.keys is None or before.key_column != after.key_column
    if redefined or other_keys:
        found = MeasureDelta(
            after.measure,
            after.noun,
            after.became,
            rows=after.rows - before.rows,
            counted=None if before.counted is None or after.counted is None else after.counted - before.counted,
            redefined=redefined,
        )
    else:
        found = _by_keys(before, after)
    still = found.says_nothing and before.figure is not None and after.figure is not None
    return MeasureDelta(
        after.measure, after.noun, after.became, moved=before.figure != after.figure
    ) if still else found  # fmt: skip


def _by_keys(before: MeasureRecord, after: MeasureRecord) -> MeasureDelta:
    were, are = set(before.keys or ()), set(after.keys or ())
    conditional = before.counted_keys is not None and after.counted_keys is not None
    counted, counts = set(before.counted_keys or ()), set(after.counted_keys or ())
    added = are - were
    return MeasureDelta(
        after.measure,
        after.noun,
        after.became,
        began=natural((are & were & counts) - counted),
        stopped=natural((are & were & counted) - counts),
        added=natural(added),
        added_counting=len(added & counts) if conditional else None,
        left=natural(were - are),
    )


def _step(before: Decimal | None, after: Decimal | None) -> Step | None:
    return (before, after) if before is not None and after is not None and before != after else None


def natural(keys: Iterable[str]) -> Keys:
    """Sort keys in natural order: CORE-7 before CORE-12."""
    return tuple(sorted(keys, key=lambda key: [(part.zfill(20), part) for part in re.split(r"(\d+)", key)]))


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
            keys=mask(own.all) if own else None,
            counted_keys=mask(own.counted) if own else None,
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
        *recall.past.days.get(key, recall.past.days.get(former, ())),
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
