"""Forecasts: a straight line through the values of a cycle, from the ledger and today, by least squares. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import takewhile
from operator import itemgetter, mul

from config.dataclass import dataclass
from config.expressions import Expression
from syncer.compute.definitions import Definition
from syncer.method.goal import FinishLine, Goal
from syncer.method.progress import UNROUNDED, rounded
from syncer.model.history import DayValue

FEWEST = 3
"""Minimum number of readings, and of different days."""

FARTHEST_DAYS = 3660
"""Limit of a forecast: about ten years after the first reading."""


Point = tuple[date, Decimal]
"""One reading: (day, value). For parts and milestones the value is the progress."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecast of a key result: `end_value` is the value of the line on the last day.

    `met_on` is the day since which the target has been met, else the day on which the line reaches the target, which
    can be later than the last day; None if the line does not reach it. `points` is the number of readings used.
    """

    end_value: Decimal
    met_on: date | None
    points: int


def forecast(readings: Sequence[Point], last: date, goal: Goal) -> Forecast | None:
    """Fit a line through the readings of this cycle and evaluate it on the day `last`.

    Readings of the same day keep their order. None with fewer than 3 readings or 3 different days. `met_on` is None for
    a goal without a finish line.
    """
    points = sorted(readings, key=itemgetter(0))
    days = [(day - points[0][0]).days for day, _ in points]
    if len(set(days)) < FEWEST:
        return None
    start, slope = _line(days, [value for _, value in points])
    end_value = rounded(start + slope * (last - points[0][0]).days)
    return Forecast(end_value, _met_on(points, start, slope, goal.finish_line), len(points))


def _line(days: Sequence[int], values: Sequence[Decimal]) -> tuple[Fraction, Fraction]:
    """Return the value on day 0 and the slope of the line with the least squares, exactly."""
    count, total_days = len(days), sum(days)
    with localcontext(UNROUNDED):
        total = Fraction(sum(values, Decimal()))
        products = Fraction(sum(map(mul, values, days), Decimal()))
    spread = count * sum(map(mul, days, days)) - total_days**2
    slope = (count * products - total_days * total) / spread
    return (total - slope * total_days) / count, slope


def _met_on(points: Sequence[Point], start: Fraction, slope: Fraction, finish: FinishLine | None) -> date | None:
    if finish is None:
        return None
    met = [day for day, _ in takewhile(lambda point: finish.is_reached(point[1]), reversed(points))]
    if met:
        return met[-1]
    if slope == 0 or (slope > 0) != finish.rises:
        return None
    first, newest = points[0][0], points[-1][0]
    days = max(math.ceil((Fraction(finish.value) - start) / slope), (newest - first).days + 1)
    return first + timedelta(days=days) if days <= FARTHEST_DAYS else None


@dataclass(frozen=True, slots=True)
class Projection:
    """A forecast, or None with the number of days with values so far.

    `is_progress`: the forecast is of progress, for goals of several numbers or steps. `least` and `most` are the limits
    of the value: a share is never above 1, a count never below 0.
    """

    forecast: Forecast | None = None
    days: int = 0
    is_progress: bool = False
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def end_value(self) -> Decimal | None:
        """Forecast value on the last day, to four digits or whole numbers; None without a forecast."""
        if self.forecast is None:
            return None
        value = self.forecast.end_value
        value = value if self.least is None else max(value, self.least)
        value = value if self.most is None else min(value, self.most)
        return round(value, max(0, 4 - max(0, value.adjusted() + 1)))


NO_PROJECTION = Projection()


def project(definition: Definition, days: Iterable[DayValue], expression: Expression | None = None) -> Projection:
    """Forecast from one point per day; the last of several on a day counts.

    `expression` is that of the only measure, None if the value is computed from several or entered by a person.
    """
    goal = definition.goal
    if goal is None:
        return NO_PROJECTION
    is_progress = not goal.has_value
    known = {day.day: value for day in days if (value := day.progress if is_progress else day.value) is not None}
    points = sorted(known.items())
    is_share = is_progress or (expression is not None and expression.is_share)
    never_negative = is_share or (expression is not None and expression.never_negative)
    return Projection(
        forecast(points, definition.due, goal),
        len(points),
        is_progress,
        Decimal(0) if never_negative else None,
        Decimal(1) if is_share else None,
    )


def expression_of(definition: Definition, expressions: Mapping[str, Expression]) -> Expression | None:
    """Return the expression of the only measure if its number is the value itself."""
    measures = definition.measures
    if len(measures) != 1 or measures[0] is None or measures[0].names != (measures[0].text.strip(),):
        return None
    return expressions.get(measures[0].names[0])
