"""How good the forecast is: generated histories with known ends, against two simple rules.

Run `python tests/bench/forecast_backtest.py`; the table goes to docs/forecast.md. The same seed gives the same table.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from syncer.compute.projection import Point, forecast
from syncer.method.kinds import Increase

FIRST, DAYS = date(2026, 10, 1), 92
GOAL = Increase(baseline=Decimal(0), target=Decimal(100))
HISTORIES_OF_EACH_KIND = 200
SEEN = (14, 30, 46, 61, 77)
"""After how many days the forecast is made."""

Shape = Callable[[float, random.Random], float]

SHAPES: dict[str, Shape] = {
    "linear": lambda passed, _: passed,
    "late surge": lambda passed, _: 0.2 * passed if passed < 0.75 else 0.15 + (passed - 0.75) * 3.4,
    "plateau": lambda passed, _: min(1.0, passed / 0.4),
    "noisy": lambda passed, chance: passed + chance.gauss(0, 0.08),
}


def history(shape: Shape, chance: random.Random) -> list[Point]:
    """A value on each day but some, from 0 to about 60 to 120 of 100."""
    end, gap = chance.uniform(60, 120), chance.uniform(0, 0.5)
    days = [number for number in range(DAYS) if number in (0, DAYS - 1) or chance.random() > gap]
    return [
        (FIRST + timedelta(days=number), Decimal(f"{end * shape(number / (DAYS - 1), chance):.2f}")) for number in days
    ]


def same_pace(seen: Sequence[Point]) -> float:
    """As far in the rest as so far: the first and the newest value, drawn on."""
    (first, began), (newest, reached) = seen[0], seen[-1]
    return float(began) + float(reached - began) / (newest - first).days * (DAYS - 1)


def errors(shape: Shape, day: int, seed: int) -> tuple[float, float, float]:
    """The mean absolute error of the line, of "last value stays" and of "same pace continues", in points of 100."""
    chance = random.Random(seed)  # noqa: S311 - a benchmark, no secret
    sums = [0.0, 0.0, 0.0]
    for _ in range(HISTORIES_OF_EACH_KIND):
        points = history(shape, chance)
        seen = [point for point in points if (point[0] - FIRST).days < day]
        found = forecast(seen, FIRST + timedelta(days=DAYS - 1), GOAL)
        assert found is not None
        end = float(points[-1][1])
        guesses = (float(found.end_value), float(seen[-1][1]), same_pace(seen))
        for place, guess in enumerate(guesses):
            sums[place] += abs(guess - end)
    return (sums[0] / HISTORIES_OF_EACH_KIND, sums[1] / HISTORIES_OF_EACH_KIND, sums[2] / HISTORIES_OF_EACH_KIND)


def main() -> None:
    """Print the table in markdown."""
    print("| history | after | line | last value stays | same pace continues |\n|---|---|---|---|---|")  # noqa: T201
    for name, shape in SHAPES.items():
        for day in SEEN:
            line, stays, pace = errors(shape, day, seed=day)
            print(f"| {name} | {day} days | {line:.1f} | {stays:.1f} | {pace:.1f} |")  # noqa: T201


if __name__ == "__main__":
    main()
