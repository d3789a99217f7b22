"""Values of past days, with queries as of then: backfill of a key result, and baselines at the start of the cycle."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.loading.loader import Config, KeyResultEntry
from config.message import Message
from config.suggest import did_you_mean
from connectors.okr_sheet import SheetImage, SheetReader
from connectors.registry import Context
from syncer.compute.assess import Assessment, measures_of, names_of
from syncer.compute.states import KeyResultState
from syncer.compute.with_history import value_record
from syncer.ledger.recall import Recall, recall
from syncer.ledger.records import BACKFILL, BACKFILLED_DAY, Outcome, ValueRecord
from syncer.run.read_and_assess import read_and_assess
from syncer.run.run_records import measure_records, new_run, reading_records
from syncer.run.same_sheet import scope_of
from syncer.sources.figures import arithmetic
from syncer.sources.read_sources import AS_OF, ReadOptions, in_the_past, ledger_read_options, read_sources

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Backfilled:
    """Result of a backfill: days computed (unknown ones with a reason), and days already recorded by a run."""

    key_result: str
    filled: tuple[ValueRecord, ...]
    kept: tuple[date, ...]

    @property
    def complete(self) -> bool:
        """Whether every computed day has a value."""
        return all(record.progress is not None for record in self.filled)


@dataclass(frozen=True, slots=True)
class Span:
    """Last instants of the first and the last day to compute, and the current time."""

    first: datetime
    last: datetime
    now: datetime


class _ReadOnce:
    """A reader that reads the current OKR sheet once for all days, for its definitions."""

    def __init__(self, reader: SheetReader) -> None:
        self._reader = reader
        self._image: SheetImage | None = None

    def read(self) -> SheetImage:
        self._image = self._image or self._reader.read()
        return self._image

    def read_all(self) -> SheetImage:
        return self._reader.read_all()

    def close(self) -> None:
        pass


def require_past(config: Config, key: str) -> None:
    """Check that all measures of a key result can be queried as of a past day. Raises OkrsyncError."""
    doing = Message("backfilling '{key}'", key=key)
    ids = [entry.id for entry in config.key_results]
    if key not in ids:
        saw = Message("the config has no key result with that id{meant}", meant=did_you_mean(key, ids))
        raise OkrsyncError(doing, saw, effect="Nothing was recorded.", advice="`okrsync status` lists them.")
    names = measures_of(config, key) or ()
    if not names:
        raise OkrsyncError(
            doing,
            "its value is typed in the sheet, so past values cannot be filled in",
            effect="Nothing was recorded.",
            advice="Backfill a key result that has a measure.",
        )
    if fixed := [name for name in names if not in_the_past(config.measures[name])]:
        places = [Message("{name} ({place})", name=name, place=config.place_of(name)) for name in fixed]
        raise OkrsyncError(
            doing,
            Message(
                "the query of {places} does not contain {as_of}, so it is about today only", places=places, as_of=AS_OF
            ),
            effect="Nothing was recorded.",
            advice=Message(
                "Let the query ask what was true then, such as: status CHANGED TO Done BEFORE {as_of}.", as_of=AS_OF
            ),
        )


def backfill(
    config: Config, reader: SheetReader, context: Context, ledger: "Ledger", key: str, span: Span
) -> Backfilled:
    """Compute the days of a span, oldest first, and record each with its rows as far as `retention` allows.

    Days with a value recorded by a run are skipped. If a day cannot be recorded, earlier ones stay. Raises SheetError,
    LedgerError, OkrsyncError.
    """
    first, last = span.first, span.last
    scope, retention = scope_of(config), config.workspace.retention
    recorded = {
        record.day
        for record in ledger.history(scope, key, first.date())
        if not record.backfilled and record.progress is not None
    }
    days = [first + timedelta(days=number) for number in range((last.date() - first.date()).days + 1)]
    if not days:
        saw = Message("{date} is after {date2}", date=first.date(), date2=last.date())
        raise OkrsyncError(
            Message("backfilling '{key}'", key=key), saw, effect="Nothing was recorded.", advice="Swap the two dates."
        )
    run = new_run(config, BACKFILL, last)
    once = _ReadOnce(reader)
    read_options = replace(ledger_read_options(config), measures=measures_of(config, key), as_of=True)
    filled = []
    ends = [min(day, last) for day in days if day.date() not in recorded]
    for end in ends:
        known = recall(config, ledger, scope, end, as_of=True)
        seen = read_and_assess(config, once, context, end, read_options, known)
        state = seen.key_result(key)
        if state is not None:
            filled.append(_record_day(seen, state, ledger))
    done = Backfilled(key, tuple(filled), tuple(sorted(day for day in recorded if day <= last.date())))
    ledger.begin(run)
    ledger.prune(scope.workspace, ids_days=retention.ids, rows_days=retention.rows, now=span.now)
    ledger.finish(run.id, _outcome(done.complete), {"filled": len(filled)}, datetime.now(UTC))
    return done


def _record_day(seen: Assessment, state: KeyResultState, ledger: "Ledger") -> ValueRecord:
    """Record a day as a run of its own, so that retention applies to its keys and rows by that day."""
    run = new_run(seen.config, BACKFILLED_DAY, seen.now)
    record = replace(value_record(state, seen.now, run.id), backfilled=True)
    ledger.begin(run)
    ledger.record_readings(reading_records(seen, run.id))
    ledger.record_measures(measure_records(seen, run.id))
    ledger.record_values([record])
    ledger.finish(run.id, _outcome(record.progress is not None), {}, datetime.now(UTC))
    return record


def _outcome(complete: bool) -> Outcome:  # noqa: FBT001 - the only thing it is about
    return "done" if complete else "partial"


Lacking = Mapping[datetime, Sequence[KeyResultEntry]]
"""Key results whose value at the start of their cycle is to be queried, by that instant."""


def lacking_baselines(config: Config, recall: Recall, now: datetime) -> Lacking:
    """Find the key results that need their value at the start of the cycle, and whose queries can be run as of then.

    Empty if the ledger could not be read, as it may have the values.
    """
    lacking: dict[datetime, list[KeyResultEntry]] = defaultdict(list)
    for entry in () if recall.problem else config.key_results:
        start = config.workspace.cycle_of(entry.objective_id).start(config.workspace.timezone)
        if start <= now and entry.id not in recall.past.first_values and _can_be_asked(config, entry):
            lacking[start].append(entry)
    return lacking


def fill_cycle_baselines(config: Config, context: Context, recall: Recall, lacking: Lacking) -> Recall:
    """Add the values at the start of the cycle, queried now. Values that cannot be read stay unknown."""
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


def _asked(config: Config, context: Context, start: datetime, entries: Sequence[KeyResultEntry]) -> list[ValueRecord]:
    names = sorted({name for entry in entries for name in names_of(entry)})
    read_options = ReadOptions(names, as_of=True, settled=False)
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
