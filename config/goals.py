"""Goal inference and validation: the kind and the numbers of a key result's goal, without any I/O.

`make_goal` turns what config and sheet state into a `CheckedGoal`; errors name what to write instead.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from config.dataclass import dataclass
from config.goal_specs import (
    GoalError,
    GoalSpec,
    GoalStep,
    IncompleteGoalError,
    changed,
    is_oversized,
    is_percent,
    require_weight,
    shown,
)
from config.message import Message, all_of
from config.models import Kind, Over
from config.scalars import Amount

__all__ = ["CheckedGoal", "GoalError", "IncompleteGoalError", "make_goal"]

_ZERO = Amount(Decimal(0))


@dataclass(frozen=True, slots=True)
class CheckedGoal:
    """A complete goal. Percents are fractions (90% is 0.9); `percent` selects how to show them.

    `increase` and `decrease` have baseline and target, `at_least` and `at_most` a target, `between` low and high.
    `over` applies to thresholds: the periods that have to hold, None where the latest value decides.
    """

    kind: Kind
    baseline: Decimal | None = None
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    steps: tuple[GoalStep, ...] = ()
    parts: "tuple[tuple[CheckedGoal, Decimal], ...]" = ()
    combine: Literal["mean", "all"] = "mean"
    partial: bool = False
    percent: bool = False
    over: Over | None = None


def make_goal(spec: GoalSpec) -> CheckedGoal:
    """Infer and check the goal of a key result or part.

    Raises IncompleteGoalError where a target or baseline is missing that the sheet may provide, GoalError for any other
    fault; the message names what to write instead.
    """
    kind = _stated_kind(spec)
    _require_sizes(spec)
    if spec.partial and kind not in ("at_least", "at_most"):
        raise GoalError(
            Message("`partial` scores at_least and at_most by distance: write that `kind`, or remove `partial`")
        )
    if spec.over and kind not in ("at_least", "at_most", "between"):
        raise GoalError(Message("`over` is about thresholds: write `kind: at_least` or `at_most`, or remove `over`"))
    if kind == "parts":
        return _of_parts(spec)
    if kind == "milestone":
        return _of_steps(spec)
    if kind == "between":
        return _of_range(spec)
    if kind in ("at_least", "at_most"):
        return _of_threshold(spec, kind)
    return _of_distance(spec, kind)


def _stated_kind(spec: GoalSpec) -> Kind | None:
    """Return the kind that is stated or implied; None where baseline and target decide (increase or decrease)."""
    shapes: dict[Kind, str] = {}
    if spec.parts:
        shapes["parts"] = "`parts`"
    if spec.steps:
        shapes["milestone"] = "`steps`"
    if spec.low is not None or spec.high is not None:
        shapes["between"] = Message("`min` and `max`")
    if len(shapes) > 1:
        raise GoalError(Message("has {values}: keep one of them", values=all_of(shapes.values())))
    shape = next(iter(shapes), None)
    if shape is None:
        return spec.kind
    if spec.kind not in (None, shape):
        raise GoalError(
            Message(
                "`kind: {kind}` does not go with {shapes}: remove one of them", kind=spec.kind, shapes=shapes[shape]
            )
        )
    single = {
        "target": spec.target,
        "change": spec.change,
        "baseline": None if shape == "between" else spec.baseline or spec.from_start or None,
    }
    if extra := [f"`{name}`" for name, value in single.items() if value is not None]:
        raise GoalError(
            Message(
                "has {shapes}, so {extra} has no meaning here: remove it",
                shapes=shapes[shape],
                extra=all_of(extra),
            )
        )
    return shape


def _of_parts(spec: GoalSpec) -> CheckedGoal:
    if not spec.parts:
        raise GoalError(Message("`kind: parts` needs `parts`: list each number with its own target"))
    parts = []
    for position, part in enumerate(spec.parts, start=1):
        if part.parts or part.kind in ("parts", "milestone"):
            raise GoalError(
                Message(
                    "part {position} is made of parts or steps itself: give it one number and one target",
                    position=position,
                )
            )
        require_weight(part.weight, Message("part {position}", position=position))
        try:
            parts.append((make_goal(part), part.weight))
        except GoalError as exc:
            raise type(exc)(Message("part {position}: {exc}", position=position, exc=exc)) from exc
    return CheckedGoal("parts", parts=tuple(parts), combine=spec.combine)


def _of_steps(spec: GoalSpec) -> CheckedGoal:
    if not spec.steps:
        raise GoalError(
            Message("`kind: milestone` needs `steps`: list each with its title and `done: true` or `false`")
        )
    for step in spec.steps:
        require_weight(step.weight, Message("step {title!r}", title=step.title))
    return CheckedGoal("milestone", steps=spec.steps)


def _of_range(spec: GoalSpec) -> CheckedGoal:
    if spec.low is None or spec.high is None:
        raise GoalError(
            Message("`between` needs `min` and `max`; for one limit write `kind: at_least` or `at_most` and `target`")
        )
    percent = is_percent(spec.unit, spec.low, spec.high)
    if spec.low.value > spec.high.value:
        raise GoalError(
            Message("`min` {low} is above `max` {high}: exchange them", low=shown(spec.low), high=shown(spec.high))
        )
    return CheckedGoal("between", low=spec.low.value, high=spec.high.value, percent=percent, over=spec.over)


def _of_threshold(spec: GoalSpec, kind: Kind) -> CheckedGoal:
    target = _target(spec)
    percent = is_percent(spec.unit, spec.baseline, target)
    if spec.partial and target.value <= 0:
        raise GoalError(Message("`partial` needs a target above 0: a distance to 0 or below has no share"))
    baseline = spec.baseline.value if spec.baseline else None
    return CheckedGoal(
        kind, baseline=baseline, target=target.value, partial=spec.partial, percent=percent, over=spec.over
    )


def _of_distance(spec: GoalSpec, kind: Kind | None) -> CheckedGoal:
    target = _target(spec)
    baseline = spec.baseline
    if baseline is None and spec.from_start:
        raise _no_start()
    if baseline is None:
        starts_at_zero = spec.additive if kind is None else kind == "increase"
        if not starts_at_zero or target.value == 0:
            raise IncompleteGoalError(
                Message(
                    "has no baseline: write where it starts (only counts, sums, shares and typed values start at 0 "
                    "automatically), or `kind: at_least` or `at_most` if only reaching the target counts"
                )
            )
        baseline = _ZERO
    percent = is_percent(spec.unit, baseline, target)
    if target.value == baseline.value:
        raise GoalError(
            Message(
                "`target` and `baseline` are both {target}, so nothing can move: change one of them",
                target=shown(target),
            )
        )
    actual: Kind = "increase" if target.value > baseline.value else "decrease"
    if kind not in (None, actual):
        start = "" if spec.baseline else Message(", left out,")
        raise GoalError(
            Message(
                "`kind: {kind}` contradicts the numbers: the baseline{start} is {baseline} and "
                "the target {target}; correct them, or remove `kind`",
                kind=kind,
                start=start,
                baseline=shown(baseline),
                target=shown(target),
            )
        )
    return CheckedGoal(actual, baseline=baseline.value, target=target.value, percent=percent)


def _target(spec: GoalSpec) -> Amount:
    if spec.target is not None and spec.change is not None:
        raise GoalError(Message("has both `target` and `change`: keep the one that people agreed on"))
    if spec.target is not None:
        return spec.target
    if spec.change is None:
        raise IncompleteGoalError(Message("has no target: write `target: 100`, or `change: +30%` with a baseline"))
    if spec.baseline is None and spec.from_start:
        raise _no_start()
    if spec.baseline is None:
        raise IncompleteGoalError(
            Message("`change` needs a `baseline`: write where it starts, or write `target` instead")
        )
    return changed(spec.baseline, spec.change, percent=is_percent(spec.unit, spec.baseline))


def _no_start() -> IncompleteGoalError:
    return IncompleteGoalError(
        Message(
            "its value at the start of the cycle is not known yet: the first sync of the cycle keeps it in the ledger"
        )
    )


def _require_sizes(spec: GoalSpec) -> None:
    for number in _numbers(spec):
        if not number.is_finite() or is_oversized(number):
            raise GoalError(
                Message(
                    "{number} is too large or too small for a key result: write it in a larger or smaller unit",
                    number=number,
                )
            )


def _numbers(spec: GoalSpec) -> Iterator[Decimal]:
    yield from (amount.value for amount in (spec.baseline, spec.target, spec.low, spec.high) if amount is not None)
    yield from (spec.change.value,) if spec.change else ()
    yield from (step.weight for step in spec.steps)
    yield from (part.weight for part in spec.parts)
