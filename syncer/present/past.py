"""Read the past days of a key result from the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from config.errors import OkrsyncError
from config.loading.loader import Config
from config.plain_text import one_line
from connectors.protocol import ReadError
from connectors.registry import Context
from syncer.compute.assess import measures_of
from syncer.compute.definitions import Definition, from_config
from syncer.compute.delta import Snapshot, delta
from syncer.compute.projection import expression_of, project
from syncer.ledger.ledger import Ledger
from syncer.ledger.recall import numbers_of
from syncer.ledger.records import MeasureRecord, ValueRecord
from syncer.model.history import DayValue
from syncer.present.delta_text import delta_text
from syncer.present.history_text import Story, check_in_text
from syncer.present.past_text import PastDay, needs_rows
from syncer.present.projection_text import forecast_text
from syncer.run.run_records import ROWS_SHOWN, key_of
from syncer.sources.evaluate import TracedRow
from syncer.sources.read_sources import ReadOptions, SourceResults, in_the_past, read_sources


def story_of(config: Config, ledger: Ledger, key: str) -> Story:
    """Read the values and check-ins of a key result over time, with its forecast. Raises LedgerError.

    A key result that neither config nor ledger knows has no values.
    """
    workspace, language = key_of(config), config.workspace.language
    values = ledger.history(workspace, key)
    definition = _definition(config, key)
    percent = definition.percent if definition else False
    forecast = ""
    if definition is not None and definition.goal is not None:
        cycle = [record for record in values if definition.start <= record.day <= definition.due]
        points = (DayValue(each.day, each.value, each.progress) for each in cycle)
        found = project(definition, points, expression_of(definition, config.expressions))
        forecast = forecast_text(found, definition.due, language, percent=percent)
    return Story(
        key,
        values,
        ledger.check_ins(workspace, key),
        _changes(config, ledger, key, values, percent=percent),
        forecast,
        percent,
        config.workspace.confidence.scale,
        definition.parts_percent if definition else (),
    )


def past_day(config: Config, context: Context, ledger: Ledger, key: str, day: date, now: datetime) -> PastDay | None:
    """Read a key result's last value up to the end of a day; None when the ledger has none. Raises LedgerError.

    Measures whose rows are no longer kept are read again: as of that value's time when their query can be put in the
    past, else as of `now`. Failed reads are returned in `problems`.
    """
    workspace, language = key_of(config), config.workspace.language
    record = ledger.values_at(workspace, day).get(key)
    if record is None:
        return None
    names = measures_of(config, key)
    measures = _measures(config, ledger, key, record)
    readings = [
        reading for reading in ledger.readings(record.run) if names is None or set(names) & set(reading.measures)
    ]
    wanted = [name for name in needs_rows(measures) if name in config.measures]
    put_back = frozenset(name for name in wanted if in_the_past(config.measures[name]))
    rows_again: dict[str, Sequence[TracedRow]] = {}
    problems: dict[str, OkrsyncError] = {}
    for names_, instant in (([*put_back], record.at.astimezone(now.tzinfo)), ([*{*wanted} - put_back], now)):
        try:
            if names_:
                found = read_sources(config, context, instant, ReadOptions(sorted(names_), trace_rows=ROWS_SHOWN + 1))
                rows_again |= found.traced
                problems |= _unread(found)
        except OkrsyncError as error:
            problems |= dict.fromkeys(names_, error)
    definition = _definition(config, key)
    percent = definition.percent if definition else False
    values = [each for each in ledger.history(workspace, key) if each.day <= record.day]
    last_day = [each for each in ledger.check_ins(workspace, key) if each.day <= day][-1:]
    return PastDay(
        day,
        record,
        measures,
        readings,
        rows_again,
        put_back,
        problems,
        _changes(config, ledger, key, values[-400:], percent=percent).get(record.day, ""),
        [
            f"{each.day}  {check_in_text(each, language, config.workspace.confidence.scale)}"
            for each in last_day
            if each.said
        ],
        percent,
        _parts(definition),
    )


def _unread(found: SourceResults) -> dict[str, OkrsyncError]:
    """Return the errors of failed reads by measure."""
    answers = {name: result.answer for name, result in found.results.items()}
    return {name: answer.error for name, answer in answers.items() if isinstance(answer, ReadError)}


def _parts(definition: Definition | None) -> list[tuple[str, bool]]:
    if definition is None or not definition.parts_percent:
        return []
    names = [f"{one_line(measure.text)}: " if measure else "" for measure in definition.measures]
    return list(zip(names, definition.parts_percent, strict=True))


def _definition(config: Config, key: str) -> Definition | None:
    """Return the key result as the config alone defines it; None when the config does not list it."""
    return next((from_config(config, entry, None) for entry in config.key_results if entry.id == key), None)


def _measures(config: Config, ledger: Ledger, key: str, record: ValueRecord) -> dict[str, MeasureRecord]:
    names = measures_of(config, key)
    if names is None:
        names = tuple(part.rpartition(" ")[2] for part in record.source.split(", ") if part)
    return {name: found for name, found in ledger.measures(record.run).items() if name in names}


def _changes(
    config: Config, ledger: Ledger, key: str, values: list[ValueRecord], *, percent: bool
) -> Mapping[date, str]:
    """Describe what changed from one day with a value to the next, by day."""
    days = sorted({record.day: record for record in values}.items())
    told: dict[date, str] = {}
    before: Snapshot | None = None
    for day, record in days:
        measures = _measures(config, ledger, key, record)
        if record.progress is None or (record.backfilled and not measures):
            continue
        now = Snapshot(record, measures)
        same_value = before is not None and numbers_of(before.value) == numbers_of(record)
        text = delta_text(delta(before, now), config.workspace.language, percent=percent)
        if text and before is not None and (not same_value or before.value.target != record.target):
            told[day] = text
        before = now
    return told
