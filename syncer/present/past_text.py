"""Explain a key result as a past run computed it: its figures, and the rows of that day when they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from config.errors import OkrsyncError
from config.plain_text import one_line
from syncer.compute.delta import natural
from syncer.i18n import status_label, translatable, translate
from syncer.ledger.records import MeasureRecord, ReadingRecord, ValueRecord
from syncer.present.delta_text import key_name
from syncer.present.error_text import error_text
from syncer.present.explain_text import row_lines
from syncer.present.number_text import NOTHING, reason_text, show_number, show_numbers, show_percent, show_value
from syncer.run.run_records import ROWS_SHOWN, shown_rows
from syncer.sources.evaluate import TracedRow


@dataclass(frozen=True, slots=True)
class PastDay:
    """The ledger's record of one key result on one day.

    Attributes:
        asked: the day asked for; `record` may be of an earlier day.
        rows_again: by measure, rows that were read again because those of that day are not kept.
        put_back: measures whose `rows_again` are as of that day; those of other measures are current.
        problems: by measure, why its rows could not be read again.
        changed: a text about what changed since the value before.
        said: the newest check-in up to that day, as text.
    """

    asked: date
    record: ValueRecord
    measures: Mapping[str, MeasureRecord] = field(default_factory=dict)
    readings: Sequence[ReadingRecord] = ()
    rows_again: Mapping[str, Sequence[TracedRow]] = field(default_factory=dict)
    put_back: frozenset[str] = frozenset()
    problems: Mapping[str, OkrsyncError] = field(default_factory=dict)
    changed: str = ""
    said: Sequence[str] = ()
    percent: bool = False
    parts: Sequence[tuple[str, bool]] = ()
    """For each part, as today's config states it, the label before its number and whether it is a percentage."""


def needs_rows(measures: Mapping[str, MeasureRecord]) -> tuple[str, ...]:
    """Return the measures that had rows of which the ledger keeps neither texts nor keys."""
    return tuple(name for name, record in measures.items() if record.rows and not record.shown and record.keys is None)


def past_text(day: PastDay, language: str) -> str:
    """Explain a past day of a key result, from its readings to its progress and status."""
    record = day.record
    run = translate(language, "run")
    lines = [f"{record.key_result}  {record.day}  ({run} {record.run})"]
    if record.day != day.asked:
        lines.append(translate(language, "the last value before the end of {asked}", asked=day.asked))
    if record.backfilled:
        lines.append(translate(language, "computed later, by a query put in the past"))
    for name, measure in sorted(day.measures.items()):
        lines += ["", *_measure(name, measure, day, language)]
    if day.readings and not day.measures:
        lines += ["", *_readings_alone(day.readings, language)]
    lines += ["", *_figures(record, day, language)]
    return "\n".join(lines).rstrip() + "\n"


def _measure(name: str, measure: MeasureRecord, day: PastDay, language: str) -> list[str]:
    reading = next((reading for reading in day.readings if name in reading.measures), None)
    table = f"  ({reading.connection}.{reading.table})" if reading else ""
    lines = [f"{translate(language, 'measure')}  {name}{table}"]
    if reading is not None:
        lines.append(f"  {translate(language, 'query')}  {one_line(reading.asked)}")
        if reading.error:
            return [*lines, *(f"  {line}" for line in reading.error.splitlines())]
    if measure.rows is not None:
        counted = "" if measure.counted is None else translate(
            language, ", {counted:,} of them count", counted=measure.counted)  # fmt: skip
        lines.append(translate(language, "  rows   {rows:,}{counted}", rows=measure.rows, counted=counted))
    lines += _rows(name, measure, day, language)
    figure = NOTHING if measure.figure is None else show_number(measure.figure)
    return [*lines, f"  = {figure}"]


def _rows(name: str, measure: MeasureRecord, day: PastDay, language: str) -> list[str]:
    if measure.shown:
        return row_lines(measure.shown, language)
    if measure.keys is not None:
        counted = set(measure.counted_keys if measure.counted_keys is not None else measure.keys)
        ordered = [*natural(counted), *natural(set(measure.keys) - counted)]
        lines = [f"    {'✓' if key in counted else ' '} {key_name(key)}" for key in ordered[:ROWS_SHOWN]]
        if len(ordered) > ROWS_SHOWN:
            more = len(ordered) - ROWS_SHOWN
            lines.append(translate(language, "    … and {more:,} more rows", more=more))
        return lines
    if not measure.rows:
        return []
    lines = [translate(language, "  the rows of that day are not kept")]
    if problem := day.problems.get(name):
        told = error_text(problem, language).splitlines()
        return [*lines, translate(language, "  and could not be read now:"), *(f"    {line}" for line in told)]
    if rows := day.rows_again.get(name):
        lines.append(
            translate(language, "  asked again as of then:")
            if name in day.put_back
            else translate(language, "  now, not then:")
        )
        lines += row_lines(shown_rows(rows), language)
    return lines


def _current(record: ValueRecord, percents: Sequence[bool], day: PastDay, language: str) -> str:
    if record.value is not None or len(record.numbers) < 2:  # noqa: PLR2004 - several
        return show_value(record.value, percent=day.percent)
    return show_numbers(record.numbers, percents, language)


def _parts(record: ValueRecord, day: PastDay) -> list[str]:
    """List number and progress of each part; empty for ledgers of older versions, which kept no progress of parts."""
    if not record.shares or len(record.shares) != len(record.numbers):
        return []
    known = day.parts if len(day.parts) == len(record.numbers) else [("", False)] * len(record.numbers)
    return [
        f"  {index}. {name}{show_value(value, percent=percent)} = {show_percent(share)}"
        for index, ((name, percent), value, share) in enumerate(
            zip(known, record.numbers, record.shares, strict=True), 1
        )
    ]


def _readings_alone(readings: Sequence[ReadingRecord], language: str) -> list[str]:
    """List readings without measure records, as runs of older versions kept them."""
    lines = []
    for reading in readings:
        count = reading.error or translate(language, "{count:,} rows", count=reading.count)
        lines.append(f"  {reading.connection}.{reading.table}  {one_line(reading.asked)}: {count}")
    return lines


def _figures(record: ValueRecord, day: PastDay, language: str) -> list[str]:
    def number(name: str, text: str) -> str:
        return f"{translate(language, name)}  {text}"

    lines = [
        number(translatable("current value"), _current(record, [percent for _, percent in day.parts], day, language))
    ]
    lines += _parts(record, day)
    if record.target is not None:
        baseline = show_value(record.baseline, percent=day.percent)
        lines.append(number(translatable("baseline"), baseline))
        lines.append(number(translatable("target"), show_value(record.target, percent=day.percent)))
    lines += [
        number(translatable("progress"), show_percent(record.progress)),
        number(translatable("expected"), show_percent(record.expected)),
        number(translatable("status"), status_label(record.status, language)),
    ]
    if record.reason:
        lines.append(number(translatable("unknown"), reason_text(record.reason, language)))
    if day.changed:
        lines.append(number(translatable("since the value before"), day.changed))
    return [*lines, *day.said]
