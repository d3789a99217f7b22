"""`explain --at`: a key result as a past run computed it, as text and as versioned JSON; rows when they are kept."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from config.loading.loader import Config
from config.plain_text import one_line
from syncer.compute.with_history import natural
from syncer.i18n import bracketed, join_clauses, status_label, translatable, translate, translate_count
from syncer.ledger.records import MeasureRecord, ReadingRecord, ValueRecord
from syncer.model.number_style import PLAIN_NUMBERS
from syncer.present.delta_text import delta_text, key_name
from syncer.present.error_text import error_data, error_text
from syncer.present.explain_text import objective_status_line, term_lines
from syncer.present.history import check_in_data, check_in_text, value_data
from syncer.present.json_values import delta_data, json_document, json_instant, json_number, json_row
from syncer.present.row_table import more_rows, row_lines
from syncer.run.past import PastDay, PastObjective
from syncer.run.run_records import shown_rows
from syncer.sheet.number_text import NOTHING, exact_number, exact_percent, exact_value, reason_text, show_quantities
from syncer.sources.read_sources import ROWS_SHOWN


def past_text(day: PastDay, language: str, most: int = ROWS_SHOWN, width: int = 0) -> str:
    """Explain a past day of a key result: its figures, then its readings, with up to `most` rows of each.

    `width`: see `row_lines`.
    """
    record = day.record
    run = translate(language, "run")
    lines = [f"{record.key_result}  {record.day}{bracketed(language, f'{run} {record.run}')}"]
    if record.day != day.asked:
        lines.append(translate(language, "the last value before the end of {asked}", asked=day.asked))
    if record.backfilled:
        lines.append(translate(language, "computed later, by a query about the past"))
    lines += ["", *_figures(record, day, language)]
    for name, measure in sorted(day.measures.items()):
        lines += ["", *_measure(name, measure, day, language, (most, width))]
    if day.readings and not day.measures:
        lines += ["", *_readings_alone(day.readings, language)]
    return "\n".join(lines).rstrip() + "\n"


_Extent = tuple[int, int]
"""How many rows of a measure are listed, and how wide their table may be."""


def _measure(name: str, measure: MeasureRecord, day: PastDay, language: str, extent: _Extent) -> list[str]:
    reading = next((reading for reading in day.readings if name in reading.measures), None)
    known = [f"{reading.connection}.{reading.table}"] if reading else []
    known += [str(day.places[name])] if name in day.places else []
    lines = [
        f"{translate(language, 'measure')}  {name}"
        + (bracketed(language, join_clauses(language, known)) if known else "")
    ]
    if reading is not None:
        lines.append(f"  {translate(language, 'query')}  {one_line(reading.asked)}")
        if reading.error:
            return [*lines, *(f"  {line}" for line in reading.error.splitlines())]
    if measure.rows is not None:
        counted = "" if measure.counted is None else translate(
            language, ", {counted:,} of them count", counted=measure.counted)  # fmt: skip
        lines.append(translate(language, "  rows   {rows:,}{counted}", rows=measure.rows, counted=counted))
    lines += _rows(name, measure, day, language, extent)
    figure = NOTHING if measure.figure is None else exact_number(measure.figure)
    return [*lines, f"  = {figure}"]


def _rows(name: str, measure: MeasureRecord, day: PastDay, language: str, extent: _Extent) -> list[str]:
    most, width = extent
    if measure.shown:
        return row_lines(measure.shown, measure.rows or 0, language, most, width)
    if measure.keys is not None:
        counted = set(measure.counted_keys if measure.counted_keys is not None else measure.keys)
        ordered = [*natural(counted), *natural(set(measure.keys) - counted)]
        lines = [f"    {'✓' if key in counted else ' '} {key_name(key)}" for key in ordered[:most]]
        return [*lines, *more_rows(len(ordered), language, most)]
    if not measure.rows:
        return []
    lines = [translate(language, "  the rows of that day are not kept")]
    if problem := day.problems.get(name):
        reasons = error_text(problem, language).splitlines()
        return [*lines, translate(language, "  and could not be read now:"), *(f"    {line}" for line in reasons)]
    again = day.rows_again.get(name)
    if again is not None and again.rows:
        lines.append(
            translate(language, "  asked again as of then:")
            if again.of_then
            else translate(language, "  now, not then:")
        )
        lines += row_lines(shown_rows(again.rows), again.total, language, most, width)
    return lines


def _current(record: ValueRecord, day: PastDay, language: str) -> str:
    definition = day.definition
    if record.value is not None or len(record.numbers) < 2:  # noqa: PLR2004 - several
        return exact_value(record.value, percent=_percent(day))
    return show_quantities(record.numbers, definition.style if definition else PLAIN_NUMBERS, language)


def _percent(day: PastDay) -> bool:
    return day.definition.percent if day.definition else False


def _parts(record: ValueRecord, day: PastDay) -> list[str]:
    """List number and progress of each part; empty for ledgers of older versions, which kept no progress of parts.

    Labels and percentages are those of today's config.
    """
    if not record.shares or len(record.shares) != len(record.numbers):
        return []
    known = [("", False)] * len(record.numbers)
    if day.definition and len(day.definition.parts_percent) == len(record.numbers):
        names = [f"{one_line(measure.text)}: " if measure else "" for measure in day.definition.measures]
        known = list(zip(names, day.definition.parts_percent, strict=True))
    return [
        f"  {index}. {name}{exact_value(value, percent=percent)} = {exact_percent(share)}"
        for index, ((name, percent), value, share) in enumerate(
            zip(known, record.numbers, record.shares, strict=True), 1
        )
    ]


def _readings_alone(readings: Sequence[ReadingRecord], language: str) -> list[str]:
    """List readings without measure records, as runs of older versions kept them."""
    lines = []
    for reading in readings:
        count = reading.error or ""
        if reading.count is not None:
            count = translate_count(language, "{count:,} row", "{count:,} rows", reading.count)
        lines.append(f"  {reading.connection}.{reading.table}  {one_line(reading.asked)}: {count}")
    return lines


def _figures(record: ValueRecord, day: PastDay, language: str) -> list[str]:
    def number(name: str, text: str) -> str:
        return f"{translate(language, name)}  {text}"

    percent = _percent(day)
    lines = [
        number(translatable("status"), status_label(record.status, language)),
        number(translatable("current value"), _current(record, day, language)),
    ]
    lines += _parts(record, day)
    if record.target is not None:
        baseline = exact_value(record.baseline, percent=percent)
        lines.append(number(translatable("baseline"), baseline))
        lines.append(number(translatable("target"), exact_value(record.target, percent=percent)))
    lines += [
        number(translatable("progress"), exact_percent(record.progress)),
        number(translatable("expected"), exact_percent(record.expected)),
    ]
    if record.reason:
        lines.append(number(translatable("unknown"), reason_text(record.reason, language)))
    if changed := delta_text(day.delta, language, percent=percent):
        lines.append(number(translatable("since the previous value"), changed))
    if day.check_in is not None:
        lines.append(f"{day.check_in.day}  {check_in_text(day.check_in, language, day.scale, percent=percent)}")
    return lines


def past_objective_text(config: Config, past: PastObjective) -> str:
    """Explain a past objective term by term; weights and included objectives are those of today's config."""
    language, objective = config.workspace.language, past.objective
    lines = [
        f"{objective.id}  {past.day}  {one_line(objective.title)}",
        translate(language, "the key results of that day, with the weights that the config has today"),
        "",
        *term_lines(past.terms, objective.rollup, language),
        objective_status_line(objective, language),
    ]
    return "\n".join(lines) + "\n"


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def past_json(day: PastDay, zone: tzinfo) -> str:
    """Format a past day of a key result as JSON, with times in `zone`."""
    percent = day.definition.percent if day.definition else False
    data = {
        "version": VERSION,
        "kind": "key_result",
        "id": day.record.key_result,
        "at": day.asked.isoformat(),
        "value": {**value_data(day.record, zone), "changed": delta_data(day.delta, percent=percent)},
        "measures": [_measure_json(name, measure, day, zone) for name, measure in sorted(day.measures.items())],
        "check_in": check_in_data(day.check_in, day.scale) if day.check_in else None,
    }
    return json_document(data)


def _measure_json(name: str, measure: MeasureRecord, day: PastDay, zone: tzinfo) -> dict[str, Any]:
    reading = next((reading for reading in day.readings if name in reading.measures), None)
    again, problem, place = day.rows_again.get(name), day.problems.get(name), day.places.get(name)
    sample = measure.shown or (again.rows if again else ())
    sample_of = "then" if measure.shown or (again and again.of_then) else "now"
    return {
        "name": name,
        "file": place.file if place else None,
        "line": (place.line or None) if place else None,
        "from": f"{reading.connection}.{reading.table}" if reading else None,
        "asked": reading.asked if reading else None,
        "read_at": json_instant(reading.read_at, zone) if reading else None,
        "rows": measure.rows,
        "counted": measure.counted,
        "value": json_number(measure.figure),
        "error": {"text": reading.error} if reading and reading.error else None,
        "keys": None if measure.keys is None else natural(set(measure.keys)),
        "counted_keys": None if measure.counted_keys is None else natural(set(measure.counted_keys)),
        "sample": [{"counted": row.counted, "values": json_row(row.values)} for row in sample[:ROWS_SHOWN]],
        "sample_of": sample_of if sample else None,
        "sample_error": error_data(problem) if problem else None,
    }
