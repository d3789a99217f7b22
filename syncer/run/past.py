"""Read the past from the ledger: values of a key result over time, and a key result or objective on one day."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.findings import Place
from config.loading.loader import Config
from connectors.protocol import ReadError, Reading
from connectors.registry import Context
from syncer.compute.assess import measures_of
from syncer.compute.definitions import Definition, from_config
from syncer.compute.objectives import Term, compute_objectives, terms_of
from syncer.compute.projection import NO_PROJECTION, Projection, expression_of, project
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.compute.with_history import Snapshot, delta
from syncer.ledger.recall import numbers_of
from syncer.ledger.records import CheckIn, MeasureRecord, ReadingRecord, ValueRecord
from syncer.method.progress import Progress
from syncer.method.status import Status
from syncer.model.history import NOTHING as NO_DELTA
from syncer.model.history import DayValue, Delta
from syncer.model.number_style import PLAIN_NUMBERS, NumberStyle
from syncer.run.same_sheet import scope_of
from syncer.sources.evaluate import TracedRow
from syncer.sources.read_sources import ROWS_SHOWN, ReadOptions, SourceResults, in_the_past, read_sources

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Story:
    """One key result over time.

    Attributes:
        values: oldest first; the last one of a day counts.
        check_ins: in the order in which runs recorded them.
        changes: by day, what changed since the previous day that has a value.
        due: last day of the forecast; None where the config defines no goal, and so no forecast.
        style: how its numbers are shown.
        scale: the highest confidence.
        title: empty where the config does not list it.
    """

    key: str
    values: Sequence[ValueRecord]
    check_ins: Sequence[CheckIn] = ()
    changes: Mapping[date, Delta] = field(default_factory=dict)
    projection: Projection = NO_PROJECTION
    due: date | None = None
    style: NumberStyle = PLAIN_NUMBERS
    scale: int = 10
    title: str = ""


@dataclass(frozen=True, slots=True)
class RowsAgain:
    """The first rows behind a figure, read again, of `total`; `of_then` if the query could be put in the past."""

    rows: Sequence[TracedRow]
    total: int
    of_then: bool


@dataclass(frozen=True, slots=True)
class PastDay:
    """The ledger's record of one key result on one day.

    Attributes:
        asked: the day asked for; `record` may be of an earlier day.
        rows_again: by measure, rows that were read again because those of that day are not kept.
        problems: by measure, why its rows could not be read again.
        places: by measure of today's config, its place there.
        delta: what changed since the previous value.
        check_in: the newest check-in up to that day; None if people wrote nothing.
        definition: the key result as today's config defines it; None when the config does not list it.
        scale: the highest confidence.
    """

    asked: date
    record: ValueRecord
    measures: Mapping[str, MeasureRecord] = field(default_factory=dict)
    readings: Sequence[ReadingRecord] = ()
    rows_again: Mapping[str, RowsAgain] = field(default_factory=dict)
    problems: Mapping[str, OkrsyncError] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    delta: Delta = NO_DELTA
    check_in: CheckIn | None = None
    definition: Definition | None = None
    scale: int = 10


def needs_rows(measures: Mapping[str, MeasureRecord]) -> tuple[str, ...]:
    """Return the measures that had rows of which the ledger keeps neither texts nor keys."""
    return tuple(name for name, record in measures.items() if record.rows and not record.shown and record.keys is None)


def story_of(config: Config, ledger: "Ledger", key: str) -> Story:
    """Read the values and check-ins of a key result over time, with its forecast. Raises LedgerError.

    A key result that neither config nor ledger knows has no values.
    """
    scope = scope_of(config)
    values = ledger.history(scope, key)
    definition = _definition(config, key)
    projection, due = NO_PROJECTION, None
    if definition is not None and definition.goal is not None:
        cycle = [record for record in values if definition.start <= record.day <= definition.due]
        points = (DayValue(each.day, each.value, each.progress) for each in cycle)
        projection, due = project(definition, points, expression_of(definition, config.expressions)), definition.due
    return Story(
        key,
        values,
        ledger.check_ins(scope, key),
        _changes(config, ledger, key, values),
        projection,
        due,
        definition.style if definition else PLAIN_NUMBERS,
        config.workspace.confidence.scale,
        definition.title if definition else "",
    )


def past_day(config: Config, context: Context, ledger: "Ledger", key: str, day: date, now: datetime) -> PastDay | None:
    """Read a key result's last value up to the end of a day; None when the ledger has none. Raises LedgerError.

    Measures whose rows are no longer kept are read again: as of that value's time when their query can be put in the
    past, else as of `now`. Failed reads are returned in `problems`.
    """
    scope = scope_of(config)
    record = ledger.values_at(scope, day).get(key)
    if record is None:
        return None
    names = measures_of(config, key)
    measures = _measures(config, ledger, key, [record])[record.run]
    readings = [
        reading for reading in ledger.readings(record.run) if names is None or set(names) & set(reading.measures)
    ]
    wanted = [name for name in needs_rows(measures) if name in config.measures]
    put_back = frozenset(name for name in wanted if in_the_past(config.measures[name]))
    rows_again: dict[str, RowsAgain] = {}
    problems: dict[str, OkrsyncError] = {}
    for names_, instant in (([*put_back], record.at.astimezone(now.tzinfo)), ([*{*wanted} - put_back], now)):
        try:
            if names_:
                found = read_sources(config, context, instant, ReadOptions(sorted(names_), trace_rows=ROWS_SHOWN))
                rows_again |= {
                    name: RowsAgain(rows, answer.count, of_then=name in put_back)
                    for name, rows in found.traced.items()
                    if isinstance(answer := found.results[name].answer, Reading)
                }
                problems |= _unread(found)
        except OkrsyncError as error:
            problems |= dict.fromkeys(names_, error)
    values = [each for each in ledger.history(scope, key) if each.day <= record.day]
    last_day = [each for each in ledger.check_ins(scope, key) if each.day <= day][-1:]
    return PastDay(
        day,
        record,
        measures,
        readings,
        rows_again,
        problems,
        {name: config.place_of(name) for name in measures if name in config.measures},
        _changes(config, ledger, key, values[-400:]).get(record.day, NO_DELTA),
        next((each for each in last_day if each.texts), None),
        _definition(config, key),
        config.workspace.confidence.scale,
    )


def _unread(found: SourceResults) -> dict[str, OkrsyncError]:
    """Return the errors of failed reads by measure."""
    answers = {name: result.answer for name, result in found.results.items()}
    return {name: answer.error for name, answer in answers.items() if isinstance(answer, ReadError)}


def _definition(config: Config, key: str) -> Definition | None:
    """Return the key result as the config alone defines it; None when the config does not list it."""
    return next((from_config(config, entry, None) for entry in config.key_results if entry.id == key), None)


def _measures(
    config: Config, ledger: "Ledger", key: str, records: Sequence[ValueRecord]
) -> dict[str, dict[str, MeasureRecord]]:
    """Return the measures of a key result's values, by run and name."""
    stated = measures_of(config, key)
    names = {record.run: _names_in(record.source) if stated is None else stated for record in records}
    found = ledger.measures(names, {name for several in names.values() for name in several})
    return {run: {name: each for name, each in found[run].items() if name in names[run]} for run in names}


def _names_in(source: str) -> tuple[str, ...]:
    return tuple(part.rpartition(" ")[2] for part in source.split(", ") if part)


def _changes(config: Config, ledger: "Ledger", key: str, values: list[ValueRecord]) -> Mapping[date, Delta]:
    """Return what changed from one day with a value to the next, by day."""
    days = sorted({record.day: record for record in values}.items())
    changes: dict[date, Delta] = {}
    of_runs = _measures(config, ledger, key, [record for _, record in days])
    before: Snapshot | None = None
    for day, record in days:
        measures = of_runs[record.run]
        if record.progress is None or (record.backfilled and not measures):
            continue
        now = Snapshot(record, measures)
        same_value = before is not None and numbers_of(before.value) == numbers_of(record)
        changed = delta(before, now)
        moved = before is not None and (not same_value or before.value.target != record.target)
        if moved and not changed.says_nothing:
            changes[day] = changed
        before = now
    return changes


@dataclass(frozen=True, slots=True)
class PastObjective:
    """An objective at the end of a past day. Overrides of statuses are ignored.

    `asked` is the day asked for, `day` that of the newest value; weights are those of today's config.
    """

    asked: date
    day: date
    objective: ObjectiveState
    terms: tuple[Term, ...]


def past_objective(config: Config, ledger: "Ledger", key: str, day: date) -> PastObjective | None:
    """Roll up an objective from the ledger's last values up to `day`. Raises LedgerError.

    Returns None when `key` is no objective of the config, or when the ledger has no value that counts in it.
    """
    if key not in config.workspace.objectives:
        return None
    records = ledger.values_at(scope_of(config), day)
    states = tuple(
        KeyResultState(
            definition=from_config(config, entry, None),
            current=record.value,
            progress=Progress(record.raw, record.progress),
            expected=record.expected or Decimal(0),
            status=Status(record.status or Status.UNKNOWN),
        )
        for entry in config.key_results
        if (record := records.get(entry.id)) is not None
    )
    objectives = compute_objectives(config, states, day)
    objective = next(each for each in objectives if each.id == key)
    if not objective.rollup.total:
        return None
    newest = max(record.day for record in records.values())
    return PastObjective(day, newest, objective, terms_of(config, states, objectives, objective))
