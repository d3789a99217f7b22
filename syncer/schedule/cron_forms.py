"""Convert a cron expression to the syntax of other schedulers."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from syncer.schedule.cron import Cron

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
