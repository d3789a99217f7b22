"""Where a key result's values of this cycle lead, from the ledger and today. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.goals import Goal
from syncer.okr.forecast import Forecast, Point, forecast

_BY_PROGRESS = ("parts", "milestone")


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast, or None with the number of days that have a value so far.

    `is_progress`: what is forecast is the progress of several numbers or steps, not a value.
    """

    forecast: Forecast | None = None
    days: int = 0
    is_progress: bool = False

    @property
    def end_value(self) -> Decimal | None:
        """The value at the end with 4 significant digits after the whole ones; None without a forecast."""
        if self.forecast is None:
            return None
        places = max(0, 4 - max(0, self.forecast.end_value.adjusted() + 1))
        return round(self.forecast.end_value, places)


NO_OUTLOOK = Outlook()


@dataclass(frozen=True, slots=True)
class DayValue:
    """One key result on one day. None is unknown."""

    day: date
    value: Decimal | None
    progress: Decimal | None


def outlook(goal: Goal | None, days: Iterable[DayValue], last: date) -> Outlook:
    """The line through one point per day; of several for one day the last counts."""
    if goal is None:
        return Outlook()
    is_progress = goal.kind in _BY_PROGRESS
    known = {day.day: value for day in days if (value := day.progress if is_progress else day.value) is not None}
    points = [Point(day, value) for day, value in sorted(known.items())]
    return Outlook(forecast(points, last, goal), len(points), is_progress)
