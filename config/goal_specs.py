"""Goals as the config and the sheet state them, and their numbers: percents, relative changes, limits of size."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from config.dataclass import dataclass
from config.message import Message
from config.models import KeyResult, Kind, Over, Part
from config.scalars import Amount, RelativeChange

MOST_AS_PERCENT = Decimal(5)
"""Largest plain number in a percent goal; a larger one is reported as a forgotten percent sign."""

_LARGEST, _SMALLEST = 30, -400
"""Limits of size as powers of ten; exact fractions of numbers beyond them would take minutes to compute."""


class GoalError(ValueError):
    """A goal that cannot be computed. The message names what to write instead."""


class IncompleteGoalError(GoalError):
    """A goal without a target or baseline, which the row in the sheet may provide."""


def changed(baseline: Amount, change: RelativeChange, *, percent: bool) -> Amount:
    """Convert a relative change into an absolute target: baseline x factor, or baseline + points or amount.

    Raises GoalError where the change is ambiguous: a percent of a baseline that is 0 or less, `pp` of a plain number,
    or a plain number added to a percent.
    """
    if change.kind == "factor":
        if baseline.value <= 0:
            raise GoalError(
                Message(
                    "a change in percent needs a baseline above 0, not {baseline}: write `target`",
                    baseline=shown(baseline),
                )
            )
        return Amount(baseline.value * change.value, baseline.percent)
    if change.kind == "points" and not percent:
        raise GoalError(
            Message(
                "`pp` moves a percent, and the baseline is {baseline}: write it as a percent, like 40%",
                baseline=shown(baseline),
            )
        )
    if change.kind == "amount" and percent:
        raise GoalError(
            Message("a plain `change` of a percent can mean two things: write +10pp (points) or +10% (of it)")
        )
    return Amount(baseline.value + change.value, percent)


def is_percent(unit: str | None, *amounts: Amount | None) -> bool:
    """Return whether the goal is a percent. Raises GoalError if it also has a plain number above MOST_AS_PERCENT."""
    stated = [amount for amount in amounts if amount is not None]
    if unit != "percent" and not any(amount.percent for amount in stated):
        return False
    for amount in stated:
        if not amount.percent and abs(amount.value) > MOST_AS_PERCENT:
            raise GoalError(Message("{amount} is part of a goal in percent: write {amount}%", amount=shown(amount)))
    return True


def require_weight(weight: Decimal, name: str) -> None:
    """Check that the weight is above 0. Raises GoalError."""
    if weight <= 0:
        raise GoalError(
            Message("{name} has weight {weight}: write a number above 0, or remove it", name=name, weight=plain(weight))
        )


def is_oversized(number: Decimal) -> bool:
    """Return whether the number is too large or too small for a key result: 1e30 and above, or below 1e-400."""
    return number != 0 and not _SMALLEST <= number.adjusted() < _LARGEST


def plain(number: Decimal) -> str:
    """Format a number without an exponent or trailing zeros."""
    return format(number.normalize(), "f")


def shown(amount: Amount) -> str:
    """Format an amount as it was written: 0.4 as 40% where it is a percent."""
    return f"{plain(amount.value * 100)}%" if amount.percent else plain(amount.value)


_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class GoalStep:
    """One step of a milestone."""

    title: str
    done: bool = False
    weight: Decimal = _ONE


@dataclass(frozen=True, slots=True)
class GoalSpec:
    """A goal as stated by the config or the sheet. None and empty mean: not stated.

    `additive`: the measure is a count or a sum, whose baseline is 0 unless stated. `from_start`: the baseline is the
    first value of the cycle, which is in `baseline` once it is known. `weight` is that of a part among its parts.
    """

    kind: Kind | None = None
    baseline: Amount | None = None
    target: Amount | None = None
    change: RelativeChange | None = None
    low: Amount | None = None
    high: Amount | None = None
    steps: tuple[GoalStep, ...] = ()
    parts: "tuple[GoalSpec, ...]" = ()
    combine: Literal["mean", "all"] = "mean"
    partial: bool = False
    unit: str | None = None
    additive: bool = False
    from_start: bool = False
    over: Over | None = None
    weight: Decimal = _ONE


def spec_of(definition: KeyResult | Part, *, additive: bool, parts_additive: Sequence[bool] = ()) -> GoalSpec:
    """Return the goal that the config states for a key result or a part.

    `additive` describes its own measure, `parts_additive` the measures of its parts, in their order.
    """
    steps: tuple[GoalStep, ...] = ()
    parts: tuple[GoalSpec, ...] = ()
    combine: Literal["mean", "all"] = "mean"
    if isinstance(definition, KeyResult):
        flags = parts_additive or (False,) * len(definition.parts)
        steps = tuple(GoalStep(step.title, step.done, step.weight.value) for step in definition.steps)
        parts = tuple(
            replace(spec_of(part, additive=flag), weight=part.weight.value if part.weight else _ONE)
            for part, flag in zip(definition.parts, flags, strict=True)
        )
        combine = definition.combine
    return GoalSpec(
        kind=definition.kind,
        baseline=definition.stated_baseline,
        target=definition.target,
        change=definition.change,
        low=definition.min,
        high=definition.max,
        steps=steps,
        parts=parts,
        combine=combine,
        partial=definition.partial,
        unit=definition.unit,
        additive=additive,
        from_start=definition.starts_with_the_cycle,
        over=definition.over,
    )
