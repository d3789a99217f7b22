"""Backfill: compute past days of a key result with queries as of then, and record them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from config.errors import OkrsyncError
from config.loading.loader import Config
from config.message import Message
from config.suggest import did_you_mean
from connectors.okr_sheet import SheetImage, SheetReader
from connectors.registry import Context
from syncer.compute.assess import Assessment, measures_of
from syncer.compute.states import KeyResultState
from syncer.compute.with_history import value_record
from syncer.ledger.ledger import Ledger
from syncer.ledger.recall import recall
from syncer.ledger.records import BACKFILL, BACKFILLED_DAY, Outcome, ValueRecord
from syncer.run.read_and_assess import read_and_assess
from syncer.run.run_records import key_of, ledger_read_options, measure_records, new_run, reading_records
from syncer.sources.read_sources import AS_OF, in_the_past


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

    def close(self) -> None:
        pass


def require_past(config: Config, key: str) -> None:
    """Check that all measures of a key result can be queried as of a past day. Raises OkrsyncError."""
    doing = Message("backfilling '{key}'", key=key)
    ids = [entry.id for entry in config.key_results]
    if key not in ids:
        saw = Message("the config has no key result of that id{meant}", meant=did_you_mean(key, ids))
        raise OkrsyncError(doing, saw, effect="Nothing was recorded.", advice="`okrsync status` lists them.")
    names = measures_of(config, key) or ()
    if not names:
        raise OkrsyncError(
            doing,
            "its value is typed in the sheet, and nobody can type it in the past",
            effect="Nothing was recorded.",
            advice="Backfill a key result that stands on measures.",
        )
    if fixed := [name for name in names if not in_the_past(config.measures[name])]:
        places = [f"{name} ({config.where(f'measures.{name}')})" for name in fixed]
        raise OkrsyncError(
            doing,
            Message("the query of {places} holds no {as_of}, so it answers for today only", places=places, as_of=AS_OF),
            effect="Nothing was recorded.",
            advice=Message(
                "Let the query ask what was true then, such as: status CHANGED TO Done BEFORE {as_of}.", as_of=AS_OF
            ),
        )


def backfill(config: Config, reader: SheetReader, context: Context, ledger: Ledger, key: str, span: Span) -> Backfilled:
    """Compute the days of a span, oldest first, and record each with its rows as far as `retention` allows.

    Days with a value recorded by a run are skipped. If a day cannot be recorded, earlier ones stay. Raises SheetError,
    LedgerError, OkrsyncError.
    """
    first, last = span.first, span.last
    workspace, retention = key_of(config), config.workspace.retention
    recorded = {
        record.day
        for record in ledger.history(workspace, key, first.date())
        if not record.backfilled and record.progress is not None
    }
    days = [first + timedelta(days=number) for number in range((last.date() - first.date()).days + 1)]
    if not days:
        saw = Message("{date} is after {date2}", date=first.date(), date2=last.date())
        raise OkrsyncError(
            Message("backfilling '{key}'", key=key), saw, effect="Nothing was recorded.", advice="Exchange the days."
        )
    run = new_run(config, BACKFILL, last)
    once = _ReadOnce(reader)
    read_options = replace(ledger_read_options(config), measures=measures_of(config, key), as_of=True)
    filled = []
    ends = [min(day, last) for day in days if day.date() not in recorded]
    for end in ends:
        known = recall(config, ledger, workspace, end, as_of=True)
        seen = read_and_assess(config, once, context, end, read_options, known)
        state = seen.key_result(key)
        if state is not None:
            filled.append(_record_day(seen, state, ledger))
    done = Backfilled(key, tuple(filled), tuple(sorted(day for day in recorded if day <= last.date())))
    ledger.begin(run)
    ledger.prune(ids_days=retention.ids, rows_days=retention.rows, now=span.now)
    ledger.finish(run.id, _outcome(done.complete), {"filled": len(filled)}, datetime.now(UTC))
    return done


def _record_day(seen: Assessment, state: KeyResultState, ledger: Ledger) -> ValueRecord:
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
