"""History for a terminal: a row per day of a key result or per run, unchanged days folded, trends at the top.

What does not fit falls away in this order: the bar, then the value or the counts, which move to the line below.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, tzinfo
from decimal import Decimal

from rich.cells import cell_len
from rich.text import Text

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.compute.check_ins import confidence_of
from syncer.i18n import join, translatable, translate
from syncer.ledger.records import Run, ValueRecord
from syncer.method.status import Status
from syncer.model.history import NOTHING as NO_DELTA
from syncer.present.delta_text import delta_text
from syncer.present.history import check_in_text, history_text, run_counts, run_word, runs_text, sparkline
from syncer.present.notes_text import forecast_text
from syncer.present.screen_text import HEAD, QUIET, STYLES, below, pairs, rendered, status_sign
from syncer.present.status_text import BAR, bar
from syncer.present.text_width import padded, to_right, widest, wrapped
from syncer.run.past import Story
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import (
    reason_text,
    show_number,
    show_percent,
    show_points,
    show_quantities,
    show_quantity,
)

_DAY, _CHANGE, _PROGRESS = 10, 5, 6
_GAP = "  "
_LEAST_VALUE = 8
_OUTCOMES = {"done": "green", "partial": "yellow", "refused": "red", "failed": "red", "interrupted": "red"}


@dataclass(frozen=True, slots=True)
class _Day:
    """A row of a key result's history: its texts, and the last day until which it stayed unchanged."""

    day: date
    record: ValueRecord | None
    change: Decimal | None
    value: str
    texts: tuple[str, ...]
    until: date | None = None


def story_screen(story: Story, language: str, width: int, *, colour: bool) -> str:
    """Format a key result over time for a terminal of `width` cells: where it is, its trends, and its days."""
    days = _folded(_days(story, language))
    if not days:
        return history_text(story, language)
    title = f"{story.key}{_GAP}{one_line(story.title)}".rstrip()
    lines = [
        *(Text(line, HEAD) for line in wrapped([title], width)),
        *pairs(_top(story, language, width), width),
        Text(),
    ]
    statuses = widest([_status(day, language).plain for day in days], width)
    values = widest([day.value for day in days], width)
    room = width - _DAY - _PROGRESS - _CHANGE - statuses - 3 * len(_GAP)
    with_bar = room >= BAR + 1 + min(values, _LEAST_VALUE) + len(_GAP)
    room -= BAR + 1 if with_bar else 0
    for day in days:
        lines += _row(day, language, width, with_bar=with_bar, value=max(room - len(_GAP), 0), statuses=statuses)
    return rendered(lines, colour=colour)


def _days(story: Story, language: str) -> Iterator[_Day]:
    records = {record.day: record for record in story.values}
    before: Decimal | None = None
    for day in sorted({*records, *(check_in.day for check_in in story.check_ins)}):
        record = records.get(day)
        progress = record.progress if record else None
        change = progress - before if progress is not None and before is not None else None
        before = before if progress is None else progress
        yield _Day(day, record, change, _value(record, story, language), tuple(_texts(day, record, story, language)))


def _value(record: ValueRecord | None, story: Story, language: str) -> str:
    if record is None:
        return ""
    if record.value is None and len(record.numbers) > 1:
        return show_quantities(record.numbers, story.style, language)
    return show_quantity(record.value, story.style, language) if record.value is not None else ""


def _texts(day: date, record: ValueRecord | None, story: Story, language: str) -> Iterator[str]:
    """Yield why a value is unknown, what changed, and what people wrote on a day."""
    if record is not None and record.reason:
        yield reason_text(record.reason, language)
    if record is not None and record.backfilled:
        yield translate(language, "computed later, by a query about the past")
    if changed := delta_text(story.changes.get(day, NO_DELTA), language, percent=story.style.percent):
        yield changed
    for check_in in story.check_ins:
        if check_in.day == day and (text := check_in_text(check_in, language, story.scale)):
            yield text


def _folded(days: Iterator[_Day]) -> list[_Day]:
    """Leave out days with the value and status of the day before and without a text; that day keeps their last one."""
    kept: list[_Day] = []
    for day in days:
        if kept and _same(kept[-1], day):
            kept[-1] = replace(kept[-1], until=day.day)
        else:
            kept.append(day)
    return kept


def _same(before: _Day, after: _Day) -> bool:
    if after.texts or before.record is None or after.record is None or after.change:
        return False
    return (before.value, before.record.status) == (after.value, after.record.status)


def _top(story: Story, language: str, width: int) -> list[tuple[str, str]]:
    """Return the trends of progress and confidence, and the forecast, each with its name."""
    records = [record for _, record in sorted({record.day: record for record in story.values}.items())]
    rows = []
    if records:
        first, last = records[0], records[-1]
        line = sparkline([record.progress for record in records][-max(width // 3, 1) :])
        expected = translate(language, "expected {due}", due=show_percent(last.expected))
        moved = f"{show_percent(first.progress)} → {show_percent(last.progress)}" if len(records) > 1 else ""
        texts = (line, moved or show_percent(last.progress), *([expected] if last.expected is not None else []))
        rows.append((header_of("progress", language), _GAP.join(text for text in texts if text)))
    if shares := [share for check_in in story.check_ins if (share := confidence_of(check_in, story.scale)) is not None]:
        then, now = (f"{show_number(share * story.scale)}/{story.scale}" for share in (shares[0], shares[-1]))
        moved = now if then == now else f"{then} → {now}"
        rows.append((header_of("confidence", language), f"{sparkline(shares[-max(width // 3, 1) :])}{_GAP}{moved}"))
    if story.due is not None:
        forecast = forecast_text(story.projection, story.due, language, story.style)
        rows.append((header_of("forecast", language), forecast))
    return rows


def _row(day: _Day, language: str, width: int, *, with_bar: bool, value: int, statuses: int) -> Iterator[Text]:
    record, status = day.record, _status(day, language)
    progress = record.progress if record else None
    style = STYLES[Status(record.status)] if record and record.status in set(Status) else ""
    row = Text(f"{day.day}{_GAP}", QUIET if day.record is None else "")
    drawn = f"{bar(progress)} " if with_bar else ""
    row.append(f"{drawn}{to_right(show_percent(progress), _PROGRESS)}", style)
    row.append(to_right(show_points(day.change), _CHANGE), "green" if (day.change or 0) > 0 else "red")
    row.append(_GAP).append_text(status)
    inside = bool(day.value) and cell_len(day.value) <= value
    yield row.append(" " * (statuses - status.cell_len)).append(f"{_GAP}{day.value}") if inside else row
    if day.value and not inside:
        yield from below(day.value, _DAY + len(_GAP), width)
    for text in day.texts:
        yield from below(text, _DAY + len(_GAP), width, QUIET)
    if day.until is not None:
        yield from below(translate(language, "… unchanged until {day}", day=day.until), _DAY + len(_GAP), width, QUIET)


def _status(day: _Day, language: str) -> Text:
    if day.record is None or day.record.status not in set(Status):
        return Text()
    status = Status(day.record.status)
    return Text(status_sign(status, language), STYLES[status])


def runs_screen(runs: Sequence[Run], zone: tzinfo, language: str, width: int, *, colour: bool) -> str:
    """Format runs for a terminal of `width` cells, in the order given; times are shown in `zone`."""
    if not runs:
        return runs_text(runs, zone, language)
    heads = (translatable("When"), translatable("Command"), translatable("Outcome"))
    head = [*(translate(language, each) for each in heads), translate(language, "Run")]
    rows = [_run(run, zone, language) for run in runs]
    widths = [widest([name, *(row[place] for row in rows)], width) for place, name in enumerate(head)]
    counts = widest([translate(language, "Key results"), *(row[4] for row in rows)], width)
    shown = 3 if sum(widths) + len(_GAP) * 3 > width else 4
    with_counts = shown == len(head) and sum(widths) + counts + len(_GAP) * 4 <= width
    titles = [*head[:shown], *([translate(language, "Key results")] if with_counts else [])]
    lines = [Text(_GAP.join(padded(name, wide) for name, wide in zip(titles, [*widths, 0], strict=False)), HEAD)]
    for run, row in zip(runs, rows, strict=True):
        line = Text()
        for place, style in enumerate(("", "", _OUTCOMES.get(run.outcome, ""), QUIET)[:shown]):
            line.append(padded(row[place], widths[place]), style).append(_GAP)
        lines.append(line.append(row[4] if with_counts else ""))
        rest = _GAP.join([*row[shown:4], *([] if with_counts else [row[4]])])
        lines += below(rest, 2, width, QUIET) if rest else []
    return rendered(lines, colour=colour)


def _run(run: Run, zone: tzinfo, language: str) -> tuple[str, str, str, str, str]:
    forced = " --force" if run.forced else ""
    at = f"{run.now.astimezone(zone):%Y-%m-%d %H:%M}"
    counts = join(language, run_counts(run, language))
    return at, f"{run_word(run.command, language)}{forced}", run_word(run.outcome, language), run.id, counts
