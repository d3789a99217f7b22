"""Progress of one key result: unknown in, unknown out, and one way of rounding for every figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from config.goals import Goal, value_problem
from syncer.method.periods import together

PLACES = 6
"""Decimal places that every result is rounded to, half up, before any comparison."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`raw` is the attainment and may leave [0, 1]; `progress` is raw held inside it. Both None: unknown."""

    raw: Decimal | None
    progress: Decimal | None


UNKNOWN = Progress(None, None)


def rounded(number: Decimal | Fraction | int, places: int = PLACES) -> Decimal:
    """Half up (away from zero at the middle), without the trailing zeros: 1/3 is 0.333333, 1/2 is 0.5."""
    scaled = abs(Fraction(number)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    while places and whole % 10 == 0:
        whole, places = whole // 10, places - 1
    return Decimal((int(number < 0 and whole != 0), Decimal(whole).as_tuple().digits, -places))


def weighted_mean(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The mean of (value, weight) pairs, summed exactly, so that their order does not matter. Weights are above 0."""
    exact = [(Fraction(value), Fraction(weight)) for value, weight in pairs]
    return rounded(sum((value * weight for value, weight in exact), Fraction()) / sum(weight for _, weight in exact))


def measure_progress(
    goal: Goal,
    value: Decimal | None,
    part_values: Sequence[Decimal | None] = (),
    earlier: Sequence[Sequence[Decimal]] = (),
) -> Progress:
    """How far `value` is on the way of `goal`.

    A milestone needs no value; parts need `part_values`, one for each part in order. An unknown part makes the whole
    unknown. A value that `config.goals.value_problem` objects to is unknown, too. `earlier` holds, for the value or for
    each part, the readings of earlier periods where the goal is held over several.
    """
    if goal.kind == "parts":
        return _of_parts(goal, part_values, earlier or [()] * len(part_values))
    if goal.kind == "milestone":
        return _made(weighted_mean((Decimal(step.done), step.weight) for step in goal.steps))
    if value is None or value_problem(goal, value):
        return UNKNOWN
    raw = _raw(goal, Fraction(value))
    if goal.over is not None:
        before = earlier[0] if earlier else ()
        raw = together([*(_raw(goal, Fraction(reading)) for reading in before), raw], goal.over)
    return _made(rounded(raw))


def _of_parts(goal: Goal, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]]) -> Progress:
    members: list[tuple[Decimal, Decimal]] = []
    for (part, weight), value, before in zip(goal.parts, values, earlier, strict=True):
        progress = measure_progress(part, value, earlier=[before]).progress
        if progress is None:
            return UNKNOWN
        members.append((progress, weight))
    if goal.combine == "all":
        return _made(min(progress for progress, _ in members))
    return _made(weighted_mean(members))


def _raw(goal: Goal, value: Fraction) -> Fraction:
    if goal.kind == "between":
        return Fraction(_number(goal.low) <= value <= _number(goal.high))
    target = _number(goal.target)
    if goal.kind == "at_least":
        return min(value / target, Fraction(1)) if goal.partial else Fraction(value >= target)
    if goal.kind == "at_most":
        return target / value if goal.partial and value > target else Fraction(value <= target)
    baseline = _number(goal.baseline)
    return (value - baseline) / (target - baseline)


def _number(number: Decimal | None) -> Fraction:
    if number is None:
        raise ValueError("this goal was not made by make_goal: a number of its kind is missing")
    return Fraction(number)


def _made(raw: Decimal) -> Progress:
    return Progress(raw, min(max(raw, Decimal(0)), Decimal(1)))
