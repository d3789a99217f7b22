"""Parse cron expressions of five fields, limited to what all schedulers interpret alike, and compute their times.

Syntax that schedulers interpret differently (`5/15`, `L`, `#`, seconds, a stepped day of the month together with a day
of the week) is rejected, so that `schedule` means the same in the foreground, cron, systemd, GitHub Actions and
Kubernetes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

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
