"""Forecast from the readings of a cycle by least-squares regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from syncer.method.kinds.goal import FinishLine, Goal
from syncer.method.progress import rounded

FEWEST = 3
"""Minimum number of readings, and of different days."""

FARTHEST_DAYS = 3660
"""Limit of a forecast: about ten years after the first reading."""


@dataclass(frozen=True, slots=True)
class Point:
    """One reading. For parts and milestones the value is the progress."""

    day: date
    value: Decimal


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
    points = sorted(readings, key=lambda point: point.day)
    if len(points) < FEWEST or len({point.day for point in points}) < FEWEST:
        return None
    first = points[0].day
    start, slope = _line([(Fraction((point.day - first).days), Fraction(point.value)) for point in points])
    end_value = rounded(start + slope * (last - first).days)
    return Forecast(end_value, _met_on(points, start, slope, goal.finish_line), len(points))


def _line(points: Sequence[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    count = len(points)
    mean_x = sum((x for x, _ in points), Fraction()) / count
    mean_y = sum((y for _, y in points), Fraction()) / count
    spread = sum(((x - mean_x) ** 2 for x, _ in points), Fraction())
    slope = sum(((x - mean_x) * (y - mean_y) for x, y in points), Fraction()) / spread
    return mean_y - slope * mean_x, slope


def _met_on(points: Sequence[Point], start: Fraction, slope: Fraction, finish: FinishLine | None) -> date | None:
    if finish is None:
        return None
    met_since: date | None = None
    for point in points:
        met_since = (met_since or point.day) if finish.is_reached(point.value) else None
    if met_since is not None:
        return met_since
    if slope == 0 or (slope > 0) != finish.rises:
        return None
    newest = (points[-1].day - points[0].day).days
    days = max(math.ceil((Fraction(finish.value) - start) / slope), newest + 1)
    return points[0].day + timedelta(days=days) if days <= FARTHEST_DAYS else None
