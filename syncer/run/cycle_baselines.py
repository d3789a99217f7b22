"""Baselines at the start of the cycle (`baseline: {at: cycle.start}`), queried as of then if not recorded."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from config.errors import OkrsyncError
from config.loading.loader import Config, KeyResultEntry
from connectors.registry import Context
from syncer.compute.assess import names_of
from syncer.ledger.recall import Recall
from syncer.ledger.records import ValueRecord
from syncer.sources.figures import arithmetic
from syncer.sources.read_sources import ReadOptions, in_the_past, read_sources


def fill_cycle_baselines(config: Config, context: Context, recall: Recall, now: datetime) -> Recall:
    """Add missing values at the start of the cycle, for key results whose queries can be run as of then.

    Nothing is queried if the ledger could not be read, as it may have the values. Values that cannot be read stay
    unknown.
    """
    lacking: dict[datetime, list[KeyResultEntry]] = defaultdict(list)
    for entry in () if recall.problem else config.key_results:
        start = config.workspace.cycle_of(entry.objective_id).start(config.workspace.timezone)
        if start <= now and entry.id not in recall.past.first_values and _can_be_asked(config, entry):
            lacking[start].append(entry)
    found = [record for start, entries in lacking.items() for record in _asked(config, context, start, entries)]
    if not found:
        return recall
    past = recall.past
    first = {**past.first_values, **{record.key_result: record.numbers for record in found}}
    past = replace(past, first_values=first, asked_later=past.asked_later | {record.key_result for record in found})
    return replace(recall, past=past, starts=tuple(found))


def _can_be_asked(config: Config, entry: KeyResultEntry) -> bool:
    formulas = entry.parts if entry.definition.parts else (entry.measure,)
    if not entry.starts_with_the_cycle or None in formulas:
        return False
    return all(in_the_past(config.measures[name]) for name in names_of(entry))


def _asked(config: Config, context: Context, start: datetime, entries: list[KeyResultEntry]) -> list[ValueRecord]:
    names = sorted({name for entry in entries for name in names_of(entry)})
    read_options = ReadOptions(names, as_of=True)
    try:
        figures = read_sources(config, context, start, read_options).figures
    except OkrsyncError:
        return []
    records = []
    for entry in entries:
        formulas = entry.parts if entry.definition.parts else (entry.measure,)
        numbers: list[Decimal | None] = [arithmetic(formula, figures).value for formula in formulas if formula]
        if None not in numbers:
            value = numbers[0] if len(numbers) == 1 else None
            source = ", ".join(names)
            records.append(
                ValueRecord(
                    "",
                    start.date(),
                    start,
                    entry.id,
                    value,
                    source=source,
                    numbers=tuple(numbers),
                    backfilled=True,
                )
            )
    return records
