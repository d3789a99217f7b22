"""Forecast a key result from its values of this cycle in the ledger and today. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from config.expressions import Expression
from syncer.compute.definitions import Definition
from syncer.method.forecast import Forecast, Point, forecast
from syncer.model.history import DayValue

_SHARE = re.compile(r"share\([^()]*\)", re.IGNORECASE)


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
    points = [Point(day, value) for day, value in sorted(known.items())]
    is_share = is_progress or (expression is not None and _SHARE.fullmatch(expression.text.strip()) is not None)
    never_negative = is_share or (expression is not None and expression.text.strip().lower().startswith("count("))
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
