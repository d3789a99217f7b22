"""Where a key result's values of this cycle lead, from the ledger and today. Pure."""

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
    """A forecast, or None with the number of days that have a value so far.

    `is_progress`: what is forecast is the progress of several numbers or steps, not a value. `least` and `most` are
    what the value can be at all: a share is never above 1, a count never below 0.
    """

    forecast: Forecast | None = None
    days: int = 0
    is_progress: bool = False
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def end_value(self) -> Decimal | None:
        """The value at the end, to four digits or to whole ones; None without a forecast."""
        if self.forecast is None:
            return None
        value = self.forecast.end_value
        value = value if self.least is None else max(value, self.least)
        value = value if self.most is None else min(value, self.most)
        return round(value, max(0, 4 - max(0, value.adjusted() + 1)))


NO_PROJECTION = Projection()


def project(definition: Definition, days: Iterable[DayValue], expression: Expression | None = None) -> Projection:
    """The line through one point per day; of several for one day the last counts.

    `expression` is that of the one measure whose number is the value, None where it is made of more or typed.
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
    """The expression of the one measure whose number is the value as it is."""
    measures = definition.measures
    if len(measures) != 1 or measures[0] is None or measures[0].names != (measures[0].text.strip(),):
        return None
    return expressions.get(measures[0].names[0])
