"""Compare two runs: what changed, and in which rows. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from syncer.ledger.records import MeasureRecord, ValueRecord
from syncer.model.delta import NOTHING, Delta, Keys, MeasureDelta, Step


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
