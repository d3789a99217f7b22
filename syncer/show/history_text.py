"""What the ledger remembers: the runs, or one key result over time with a sparkline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from decimal import Decimal

from config.scalars import parse_amount
from syncer.computing.check_ins import PEOPLE_COLUMNS
from syncer.ledger.records import CheckIn, Run, ValueRecord
from syncer.sheet.columns import header_of
from syncer.show.figures import NOTHING, one_line, padded, show_numbers, show_percent, show_value
from syncer.words import listed, mark, say, say_of, word

TICKS = "▁▂▃▄▅▆▇█"

_RUNS = {
    "sync": mark("sync", "a run"),
    "undo": mark("undo", "a run"),
    "close": mark("close", "a run"),
    "backfill": mark("backfill", "a run"),
    "planned": mark("planned", "a run"),
    "writing": mark("writing", "a run"),
    "done": mark("done", "a run"),
    "partial": mark("partial", "a run"),
    "refused": mark("refused", "a run"),
    "failed": mark("failed", "a run"),
    "interrupted": mark("interrupted", "a run"),
    "conflict": mark("conflict", "a run"),
    "adopt": mark("adopt", "a run"),
    "unknown": mark("unknown", "a run"),
    "new": mark("new", "a run"),
    "change": mark("change", "a run"),
    "calendar": mark("calendar", "a run"),
    "same": mark("same", "a run"),
    "filled": mark("filled", "a run"),
}
"""Commands, outcomes and counts of runs as the ledger keeps them."""


@dataclass(frozen=True, slots=True)
class Story:
    """One key result over time.

    Attributes:
        values: oldest first; of several for one day the last is shown.
        check_ins: in the order they were seen.
        changes: by day, what changed since the day before that has a value, in words.
        forecast: in words.
        scale: the highest confidence.
        parts_percent: for each of several parts, whether it is a percentage.
    """

    key: str
    values: Sequence[ValueRecord]
    check_ins: Sequence[CheckIn] = ()
    changes: Mapping[date, str] = field(default_factory=dict)
    forecast: str = ""
    percent: bool = False
    scale: int = 10
    parts_percent: Sequence[bool] = ()


def runs_text(runs: Sequence[Run], zone: tzinfo, language: str) -> str:
    """The runs, newest first, at the time of the workspace."""
    if not runs:
        return say(language, "No run is recorded yet.") + "\n"
    lines = []
    for run in runs:
        counts = listed(
            language, (f"{count} {_of_run(name, language)}" for name, count in sorted(run.counts.items()) if count)
        )
        command, outcome = padded(_of_run(run.command, language), 5), padded(_of_run(run.outcome, language), 11)
        forced = " --force" if run.forced else ""
        at = run.now.astimezone(zone)
        lines.append(f"{run.id}  {command} {outcome} {at:%Y-%m-%d %H:%M}{forced}  {counts}".rstrip())
    return "\n".join(lines) + "\n"


def _of_run(name: str, language: str) -> str:
    """A word of a run; one that only other versions know stays as it is."""
    return say_of("a run", language, _RUNS[name]) if name in _RUNS else one_line(name)


def history_text(story: Story, language: str) -> str:
    """One key result day by day: value, progress, status, what changed, what people said."""
    if not story.values and not story.check_ins:
        key = story.key
        return say(language, "The ledger knows no value of {key} yet.", key=key) + "\n"
    days = {record.day: record for record in story.values}
    lines = [f"{story.key}  {sparkline([record.progress for _, record in sorted(days.items())])}".rstrip()]
    confidence = [share for check_in in story.check_ins if (share := confidence_of(check_in, story.scale)) is not None]
    if confidence:
        lines.append(f"{header_of('confidence', language)}  {sparkline(confidence)}")
    lines.append("")
    for day in sorted({*days, *(check_in.day for check_in in story.check_ins)}):
        lines += _day(day, days.get(day), story, language)
    if story.forecast:
        lines += ["", f"{header_of('forecast', language)}  {story.forecast}"]
    return "\n".join(lines) + "\n"


def _day(day: date, record: ValueRecord | None, story: Story, language: str) -> list[str]:
    lines = []
    if record is not None:
        value = show_value(record.value, percent=story.percent)
        if record.value is None and len(record.numbers) > 1:
            value = show_numbers(record.numbers, story.parts_percent, language)
        status = word(record.status, language) if record.status else ""
        again = say(language, "(backfilled)") if record.backfilled else ""
        told = "  ".join(text for text in (status, one_line(record.reason), again) if text)
        lines.append(f"{day}  {value:>14}  {show_percent(record.progress):>7}  {told}".rstrip())
        if day in story.changes:
            lines.append(f"            {story.changes[day]}")
    else:
        lines.append(f"{day}  {NOTHING:>14}  {NOTHING:>7}")
    lines += [
        f"            {text}"
        for said in story.check_ins
        if said.day == day and (text := said_text(said, language, story.scale))
    ]
    return lines


def said_text(check_in: CheckIn, language: str, scale: int) -> str:
    """What people wrote, in one line; the date stands elsewhere."""
    told = []
    for column in PEOPLE_COLUMNS:
        if column == "date" or column not in check_in.said:
            continue
        shown = one_line(check_in.said[column])
        if column == "confidence" and confidence_of(check_in, scale) is not None and "%" not in shown:
            shown = f"{shown}/{scale}"
        told.append(f"{header_of(column, language)}{say(language, ': ')}{shown}")
    return say(language, "; ").join(told)


def confidence_of(check_in: CheckIn, scale: int) -> Decimal | None:
    """The confidence as a share of its scale; None where none, or no number on the scale, was written."""
    try:
        amount = parse_amount(check_in.said["confidence"])
    except (KeyError, ValueError):
        return None
    share = amount.value if amount.percent else amount.value / scale
    return share if 0 <= share <= 1 else None


def sparkline(progress: Sequence[Decimal | None]) -> str:
    """Progress from 0 to 1 as ticks; a gap where it was unknown."""
    return "".join(" " if share is None else TICKS[min(int(share * len(TICKS)), len(TICKS) - 1)] for share in progress)
