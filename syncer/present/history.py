"""A key result over time, from the ledger, as text and as versioned JSON."""

from collections.abc import Sequence
from datetime import date, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from config.message import unpacked
from config.plain_text import one_line, plain
from syncer.compute.check_ins import PEOPLE_COLUMNS, VALUE, confidence_of
from syncer.i18n import join, status_label, translatable, translate, translate_in_context
from syncer.ledger.records import CheckIn, Run, ValueRecord
from syncer.model.history import NOTHING as NO_DELTA
from syncer.present.delta_text import delta_text
from syncer.present.json_values import delta_data, json_document, json_instant, json_number, json_text
from syncer.present.notes_text import forecast_text
from syncer.present.status_json import forecast_data
from syncer.present.text_width import padded
from syncer.run.backfill import Backfilled
from syncer.run.past import Story
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import NOTHING, reason_text, show_percent, show_quantities, show_quantity, show_value

TICKS = "▁▂▃▄▅▆▇█"

_RUNS = {
    "sync": translatable("sync", "a run"),
    "undo": translatable("undo", "a run"),
    "close": translatable("close", "a run"),
    "backfill": translatable("backfill", "a run"),
    "planned": translatable("planned", "a run"),
    "writing": translatable("writing", "a run"),
    "done": translatable("done", "a run"),
    "partial": translatable("partial", "a run"),
    "refused": translatable("refused", "a run"),
    "failed": translatable("failed", "a run"),
    "interrupted": translatable("interrupted", "a run"),
    "change": translatable("changed", "a run"),
    "new": translatable("new", "a run"),
    "unknown": translatable("unknown", "a run"),
    "conflict": translatable("in conflict", "a run"),
    "adopt": translatable("to adopt", "a run"),
    "filled": translatable("filled", "a run"),
    "calendar": translatable("calendar only", "a run"),
    "same": translatable("unchanged", "a run"),
}
"""Translatable commands, outcomes and counts of runs, by their keys in the ledger."""


def runs_text(runs: Sequence[Run], zone: tzinfo, language: str) -> str:
    """List runs, one line each, in the order given; times are shown in `zone`."""
    if not runs:
        return translate(language, "No run is recorded yet.") + "\n"
    lines = []
    for run in runs:
        counts = join(language, run_counts(run, language))
        command, outcome = padded(run_word(run.command, language), 5), padded(run_word(run.outcome, language), 11)
        forced = " --force" if run.forced else ""
        at = run.now.astimezone(zone)
        lines.append(f"{run.id}  {command} {outcome} {at:%Y-%m-%d %H:%M}{forced}  {counts}".rstrip())
    return "\n".join(lines) + "\n"


def run_counts(run: Run, language: str) -> list[str]:
    """Return how many key results a run changed, left as they were, and so on."""
    return [
        f"{count} {run_word(name, language)}" for name in sorted(run.counts, key=_place) if (count := run.counts[name])
    ]


def _place(name: str) -> tuple[int, str]:
    return (list(_RUNS).index(name) if name in _RUNS else len(_RUNS), name)


def run_word(name: str, language: str) -> str:
    """Translate a command, outcome or count of a run; a key of another version is shown unchanged."""
    return translate_in_context("a run", language, _RUNS[name]) if name in _RUNS else one_line(name)


def history_text(story: Story, language: str) -> str:
    """Format one key result day by day: value, progress, status, changes and check-ins."""
    if not story.values and not story.check_ins:
        key = story.key
        return translate(language, "The ledger has no value of {key} yet.", key=key) + "\n"
    days = {record.day: record for record in story.values}
    lines = [f"{story.key}  {sparkline([record.progress for _, record in sorted(days.items())])}".rstrip()]
    confidence = [share for check_in in story.check_ins if (share := confidence_of(check_in, story.scale)) is not None]
    if confidence:
        lines.append(f"{header_of('confidence', language)}  {sparkline(confidence)}")
    lines.append("")
    for day in sorted({*days, *(check_in.day for check_in in story.check_ins)}):
        lines += _day(day, days.get(day), story, language)
    if story.due is not None:
        forecast = forecast_text(story.projection, story.due, language, story.style)
        lines += ["", f"{header_of('forecast', language)}  {forecast}"]
    return "\n".join(lines) + "\n"


def _day(day: date, record: ValueRecord | None, story: Story, language: str) -> list[str]:
    lines = []
    if record is not None:
        value = show_quantity(record.value, story.style, language)
        if record.value is None and len(record.numbers) > 1:
            value = show_quantities(record.numbers, story.style, language)
        status = status_label(record.status, language) if record.status else ""
        again = translate(language, "(backfilled)") if record.backfilled else ""
        notes = "  ".join(text for text in (status, reason_text(record.reason, language), again) if text)
        lines.append(f"{day}  {value:>14}  {show_percent(record.progress):>7}  {notes}".rstrip())
        if day in story.changes:
            lines.append(f"            {delta_text(story.changes[day], language, percent=story.style.percent)}")
    else:
        lines.append(f"{day}  {NOTHING:>14}  {NOTHING:>7}")
    lines += [
        f"            {text}"
        for check_in in story.check_ins
        if check_in.day == day and (text := check_in_text(check_in, language, story.scale))
    ]
    return lines


def check_in_text(check_in: CheckIn, language: str, scale: int, *, percent: bool | None = None) -> str:
    """Format the cells of a check-in in one line, without its date.

    `percent`: whether the value that people stated is a percentage; None leaves it out.
    """
    colon, parts = translate(language, ": "), []
    if percent is not None and (value := check_in.texts.get(VALUE)):
        shown = value if (number := _number(value)) is None else show_value(number, percent=percent)
        parts.append(f"{header_of(VALUE, language)}{colon}{one_line(shown)}")
    for column in PEOPLE_COLUMNS:
        if column == "date" or column not in check_in.texts:
            continue
        shown = one_line(check_in.texts[column])
        if column == "confidence" and confidence_of(check_in, scale) is not None and "%" not in shown:
            shown = f"{shown}/{scale}"
        parts.append(f"{header_of(column, language)}{colon}{shown}")
    return translate(language, "; ").join(parts)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def sparkline(progress: Sequence[Decimal | None]) -> str:
    """Draw progress (0 to 1) as a sparkline, with a space where it is unknown."""
    return "".join(" " if share is None else TICKS[min(int(share * len(TICKS)), len(TICKS) - 1)] for share in progress)


def backfill_text(done: Backfilled, language: str) -> str:
    """Format the result of a backfill: a sparkline, its days, and how many were filled or kept."""
    lines = [f"{done.key_result}  {sparkline([record.progress for record in done.filled])}".rstrip(), ""]
    lines += [
        f"{record.day}  {show_percent(record.progress):>7}  {reason_text(record.reason, language)}".rstrip()
        for record in done.filled
    ]
    filled, kept = len(done.filled), len(done.kept)
    lines.append(
        translate(
            language,
            "{filled} days computed again and recorded as backfilled; {kept} kept as runs recorded them.",
            filled=filled,
            kept=kept,
        )
    )
    return "\n".join(lines) + "\n"


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def runs_json(runs: Sequence[Run], zone: tzinfo) -> str:
    """Format runs as JSON, in the order given, with times in `zone`."""
    data = {"version": VERSION, "runs": [_run(run, zone) for run in runs]}
    return json_document(data)


def history_json(story: Story, zone: tzinfo) -> str:
    """Format one key result over time as JSON: its last value of each day, its check-ins, and its forecast."""
    days = {record.day: record for record in story.values}
    data = {
        "version": VERSION,
        "id": story.key,
        "values": [
            {
                **value_data(record, zone),
                "changed": delta_data(story.changes.get(day, NO_DELTA), percent=story.style.percent),
            }
            for day, record in sorted(days.items())
        ],
        "check_ins": [check_in_data(each, story.scale) for each in story.check_ins],
        "forecast": forecast_data(story.projection),
    }
    return json_document(data)


def _run(run: Run, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": run.id,
        "command": run.command,
        "outcome": run.outcome,
        "now": json_instant(run.now, zone),
        "started_at": json_instant(run.started_at, zone),
        "finished_at": json_instant(run.finished_at, zone),
        "forced": run.forced,
        "counts": {name: count for name, count in sorted(run.counts.items()) if count},
        "config_hash": run.config_hash,
        "okrsync_version": run.version,
    }


def value_data(record: ValueRecord, zone: tzinfo) -> dict[str, Any]:
    """Return one recorded value of a key result as JSON data."""
    return {
        "day": record.day.isoformat(),
        "computed_for": json_instant(record.at, zone),
        "run": record.run,
        "backfilled": record.backfilled,
        "current": json_number(record.value),
        "values": [json_number(each) for each in record.numbers],
        "shares": [json_number(each) for each in record.shares],
        "baseline": json_number(record.baseline),
        "target": json_number(record.target),
        "progress": json_number(record.progress),
        "raw": json_number(record.raw),
        "expected": json_number(record.expected),
        "status": record.status or None,
        "reason": json_text(unpacked(record.reason)),
        "source": record.source or None,
    }


def check_in_data(check_in: CheckIn, scale: int) -> dict[str, Any]:
    """Return a check-in as JSON data; `scale` is the highest confidence."""
    value = _number(check_in.texts.get(VALUE, ""))
    shown_apart = ("date",) if value is None else ("date", VALUE)
    return {
        "day": check_in.day.isoformat(),
        "value": json_number(value),
        "confidence": json_number(confidence_of(check_in, scale)),
        "cells": {name: plain(text) for name, text in check_in.texts.items() if name not in shown_apart},
    }
