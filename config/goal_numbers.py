"""The numbers of a goal: percents and plain numbers kept apart, changes made absolute, absurd sizes refused."""

from decimal import Decimal

from config.message import Message
from config.scalars import Amount, RelativeChange

MOST_AS_PERCENT = Decimal(5)
"""A plain number above this beside a percent is taken for a forgotten percent sign."""

_LARGEST, _SMALLEST = 30, -400
"""Powers of ten: what lies beyond is no figure, and exact fractions of it would take minutes."""


class GoalError(ValueError):
    """A definition that cannot be computed. Its text says what to write instead."""


class IncompleteGoalError(GoalError):
    """A target or baseline is missing, which the row in the sheet may still give."""


def changed(baseline: Amount, change: RelativeChange, *, percent: bool) -> Amount:
    """The absolute target of a change. Raises GoalError where it can mean two things."""
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
    """Whether the goal is about a percent. Raises GoalError where a percent stands beside a large plain number."""
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
    """Raises GoalError unless the weight is above 0."""
    if weight <= 0:
        raise GoalError(
            Message("{name} has weight {weight}: write a number above 0, or remove it", name=name, weight=plain(weight))
        )


def is_oversized(number: Decimal) -> bool:
    """Whether the number is far beyond any figure of a key result."""
    return number != 0 and not _SMALLEST <= number.adjusted() < _LARGEST


def plain(number: Decimal) -> str:
    """The number as people write it."""
    return format(number.normalize(), "f")


def shown(amount: Amount) -> str:
    """The amount as it was written: 0.4 as 40% where it was a percent."""
    return f"{plain(amount.value * 100)}%" if amount.percent else plain(amount.value)
