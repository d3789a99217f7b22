"""Numbers of a goal: percent detection, relative changes as absolute targets, limits of size."""

from decimal import Decimal

from config.message import Message
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
            raise GoalError(
                Message("{amount} stands in a goal that is a percent: write {amount}%", amount=shown(amount))
            )
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
