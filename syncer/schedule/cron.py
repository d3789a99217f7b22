"""Parse cron expressions of five fields, limited to what all schedulers interpret alike, and compute their times.

Syntax that schedulers interpret differently (`5/15`, `L`, `#`, seconds, a stepped day of the month together with a day
of the week) is rejected, so that `schedule` means the same in the foreground, cron, systemd, GitHub Actions and
Kubernetes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.message import Message

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_STARS = ("*", "*/1")
_LONGEST_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_ADVICE = (
    "Write five fields: minute hour day-of-month month day-of-week. "
    "`30 9 * * 1-5` is 9:30 from Monday to Friday, `0 */4 * * *` every four hours."
)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day of week", 0, 7, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression and the sorted values of its fields. Weekdays are 0 (Sunday) to 6.

    `any_day` and `any_weekday` mean that the field is `*`. If neither is, a day matches by either of the two.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    any_day: bool
    any_weekday: bool


def parse_cron(text: str) -> Cron:
    """Parse five fields, or an alias such as `@daily`. Raises OkrsyncError that names the invalid field."""
    try:
        return _parse(_ALIASES.get(text.strip().lower(), text).lower().split())
    except ValueError as exc:
        raise OkrsyncError(Message("reading the schedule {text!r}", text=text), str(exc), advice=_ADVICE) from exc


def _parse(parts: list[str]) -> Cron:
    if len(parts) != len(_FIELDS):
        raise ValueError(Message("it has {count} fields, not {count2}", count=len(parts), count2=len(_FIELDS)))
    minutes, hours, days, months, weekdays = (
        _values(part, field, number) for number, (part, field) in enumerate(zip(parts, _FIELDS, strict=True), 1)
    )
    any_day, any_weekday = parts[2] in _STARS, parts[4] in _STARS
    if not any_day and not any_weekday and (parts[2][0] == "*" or parts[4][0] == "*"):
        raise ValueError("schedulers disagree on a step over * where day of month and day of week are both limited")
    if any_weekday and all(min(days) > _LONGEST_MONTHS.get(month, 31) for month in months):
        raise ValueError("no month has such a day, so it would never run")
    return Cron(
        " ".join(parts),
        minutes=_sorted(minutes),
        hours=_sorted(hours),
        days=_sorted(days),
        months=_sorted(months),
        weekdays=_sorted(day % 7 for day in weekdays),
        any_day=any_day,
        any_weekday=any_weekday,
    )


def _sorted(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values)))


def _values(part: str, field: _Field, number: int) -> list[int]:
    try:
        return [value for term in part.split(",") for value in _term(term, field)]
    except ValueError as exc:
        raise ValueError(
            Message("field {number} ({name}), {part!r}: {exc}", number=number, name=field.name, part=part, exc=exc)
        ) from exc


def _term(term: str, field: _Field) -> range:
    span, slash, step = term.partition("/")
    first, dash, last = span.partition("-")
    high = 6 if field.names == WEEKDAYS else field.high
    if span == "*":
        low, top = field.low, high
    else:
        low = _number(first, field)
        top = _number(last, field) if dash else low
        if slash and not dash:
            raise ValueError(
                Message(
                    "{term!r} is not the same everywhere; write {first}-{high}/{step}",
                    term=term,
                    first=first,
                    high=high,
                    step=step,
                )
            )
        if slash and dash and top == low:
            raise ValueError(Message("{term!r} is a single number; write {first}", term=term, first=first))
        if top < low:
            raise ValueError(
                Message(
                    "{span!r} runs backwards; write two ranges, {first}-{high},{low}-{last}",
                    span=span,
                    first=first,
                    high=high,
                    low=field.low,
                    last=last,
                )
            )
    if slash and not (step.isascii() and step.isdigit() and int(step)):
        raise ValueError(Message("{step!r} is not a step; write a number from 1", step=step))
    return range(low, top + 1, int(step) if slash else 1)


def _number(text: str, field: _Field) -> int:
    if text in field.names:
        return field.names.index(text) + (field.low if field.names == MONTHS else 0)
    if not (text.isascii() and text.isdigit()):
        names = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
        raise ValueError(Message("{text!r} is not a number{names}", text=text, names=names))
    if not field.low <= int(text) <= field.high:
        raise ValueError(Message("{text} is not between {low} and {high}", text=text, low=field.low, high=field.high))
    return int(text)


def times(cron: Cron, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the times of an expression after `after`, in UTC. Fields are in local time of `zone`.

    A time skipped by a clock change is moved to the change; a repeated time counts once, when it comes first.
    """
    from cronsim import CronSim

    after = after.astimezone(UTC)
    for found in CronSim(cron.text, after.astimezone(zone)):
        instant = found.astimezone(UTC)
        if instant > after:  # a start inside the hour that comes twice is given times of its first coming
            yield instant


_LONGEST_CLOCK_CHANGE = timedelta(hours=3)


def last_time(cron: Cron, until: datetime, zone: ZoneInfo) -> datetime:
    """Return the last time of an expression up to `until`, in UTC; see `times`."""
    from cronsim import CronSim

    until = until.astimezone(UTC)
    last = next(CronSim(cron.text, until.astimezone(zone), reverse=True)).astimezone(UTC)
    for found in times(cron, last - _LONGEST_CLOCK_CHANGE, zone):  # backwards, a clock change hides a time
        if found > until:
            break
        last = found
    return last


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_MINUTES = 24 * 60
_SHORTEST_SPAN = 3
_FIRST_YEAR, _LAST_YEAR = 2026, 2037
"""Years searched for clock changes of a zone; time zone data does not reach further."""


def plain_cron(cron: Cron) -> str:
    """Return five fields with Sunday as 0, since Kubernetes and GitHub do not accept 7."""
    parts = cron.text.split()
    if "7" in parts[4]:
        parts[4] = ",".join(map(str, cron.weekdays))
    return " ".join(parts)


def calendar_lines(cron: Cron, timezone: str) -> list[str]:
    """Return the `OnCalendar=` values of a systemd timer: two if a day matches by its date or its weekday."""
    clock = f"{_spans(cron.hours, 24, '..')}:{_spans(cron.minutes, 60, '..')}:00 {timezone}"
    months = _spans(cron.months, 12, "..")
    dated = f"*-{months}-{'*' if cron.any_day else _spans(cron.days, 31, '..')} {clock}"
    if cron.any_weekday:
        return [dated]
    weekdays = sorted((day - 1) % 7 for day in cron.weekdays)
    weekly = ",".join(_weekday_span(span) for span in _runs(weekdays))
    if cron.any_day:
        return [f"{weekly} {dated}"]
    return [f"{weekly} *-{months}-* {clock}", dated]


def utc_crons(cron: Cron, zone: ZoneInfo) -> list[str] | None:
    """Convert an expression to equivalent ones in UTC, or None if there are none.

    None for a zone with clock changes, and if a limited day or month would shift to another day.
    """
    offset = _fixed_offset_minutes(zone)
    if offset is None:
        return None
    if not offset:
        return [plain_cron(cron)]
    every_day = cron.any_day and len(cron.months) == 12  # noqa: PLR2004 - months of a year
    slots: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for total in sorted(hour * 60 + minute - offset for hour in cron.hours for minute in cron.minutes):
        shift, rest = divmod(total, _DAY_MINUTES)
        if shift and not every_day:
            return None
        slots[0 if cron.any_weekday else shift][rest // 60].append(rest % 60)
    days, months, _ = cron.text.split()[2:]
    lines = []
    for shift, by_hour in sorted(slots.items()):
        weekdays = "*" if cron.any_weekday else _spans(sorted((day + shift) % 7 for day in cron.weekdays), 7, "-")
        same_minutes: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for hour, minutes in by_hour.items():
            same_minutes[tuple(sorted(minutes))].append(hour)
        lines += [
            f"{_spans(minutes, 60, '-')} {_spans(sorted(hours), 24, '-')} {days} {months} {weekdays}"
            for minutes, hours in same_minutes.items()
        ]
    return lines


def _fixed_offset_minutes(zone: ZoneInfo) -> int | None:
    """Return the offset from UTC in minutes; None for a zone with clock changes."""
    day, last = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 12, 31, tzinfo=UTC)
    offsets = {(day + timedelta(weeks=week)).astimezone(zone).utcoffset() for week in range((last - day).days // 7)}
    first = offsets.pop()
    if offsets or first is None or first.total_seconds() % 60:
        return None
    return int(first.total_seconds() // 60)


def _runs(values: Sequence[int]) -> list[list[int]]:
    """Split sorted values into runs of consecutive ones; runs shorter than three become single values."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [part for run in runs for part in ([run] if len(run) >= _SHORTEST_SPAN else [[value] for value in run])]


def _spans(values: Sequence[int], count: int, between: str) -> str:
    """Format values as `*` if there are all `count` of them, else as lists and ranges; two digits for systemd."""
    if len(values) == count:
        return "*"
    pattern = "{:02}" if between == ".." else "{}"
    return ",".join(
        between.join(pattern.format(end) for end in dict.fromkeys((run[0], run[-1]))) for run in _runs(values)
    )


def _weekday_span(run: Sequence[int]) -> str:
    return "..".join(_WEEKDAYS[end] for end in dict.fromkeys((run[0], run[-1])))
