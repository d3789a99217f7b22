"""Days on which check-ins are due, those made on time, and since when one is due. Pure."""

from collections.abc import Collection
from datetime import date, timedelta

from config.dataclass import dataclass
from config.models import CheckIn

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Expected:
    """When check-ins on a key result are expected.

    Attributes:
        first, last: its own first and last day.
        counted_from: due days before this one do not count: no run looked at the sheet yet.
    """

    cadence: CheckIn
    first: date
    last: date
    counted_from: date


def due_days(cadence: CheckIn, first: date, last: date) -> list[date]:
    """Return the days on which a check-in is due, from `first` to `last`, both included.

    These are every due weekday, every second one, or the last one of each month, as the cadence says.
    """
    weekday = WEEKDAYS.index(cadence.due)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    weekly = [day + timedelta(weeks=week) for week in range(max((last - day).days // 7 + 1, 0))]
    if cadence.every == "2 weeks":
        return weekly[1::2]
    if cadence.every == "month":
        return [day for day in weekly if (day + timedelta(weeks=1)).month != day.month]
    return weekly


def due_since(expected: Expected, newest: date | None, today: date) -> date | None:
    """Return the first due day, today included, that no check-in followed since the due day before it.

    None if no check-in is due. `newest` is the day of the newest check-in, None if there is none.
    """
    before = expected.first - timedelta(days=1)
    for day in due_days(expected.cadence, expected.first, min(expected.last, today)):
        if day >= expected.counted_from and (newest is None or newest <= before):
            return day
        before = day
    return None


def made_on_time(expected: Expected, made: Collection[date], today: date) -> tuple[int, int]:
    """Count the due days before today: (those with a check-in since the due day before, all of them)."""
    on_time = due = 0
    before = expected.first - timedelta(days=1)
    for day in due_days(expected.cadence, expected.first, min(expected.last, today - timedelta(days=1))):
        if day >= expected.counted_from:
            due += 1
            on_time += any(before < one <= day for one in made)
        before = day
    return on_time, due
