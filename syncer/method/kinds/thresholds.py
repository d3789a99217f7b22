"""AtLeast, AtMost and Between: limits that hold or do not hold. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from config.message import Message
from config.models import Kind
from syncer.method.kinds.goal import FinishLine, Format
from syncer.method.kinds.single_number import SingleNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit(SingleNumber):
    """A threshold with one limit. `partial` gives a partial score by distance to values that miss it."""

    is_threshold: ClassVar[bool] = True
    target: Decimal
    partial: bool = False


class AtLeast(_Limit):
    """A value that must not be below a limit."""

    __slots__ = ()
    kind: ClassVar[Kind] = "at_least"

    @property
    def finish_line(self) -> FinishLine:
        """The limit, reached from below."""
        return FinishLine(self.target, rises=True)

    def condition(self, shown: Format) -> str:
        """Return the limit with its sign."""
        return f"≥ {shown(self.target)}"

    def _raw(self, value: Fraction) -> Fraction:
        target = Fraction(self.target)
        return min(value / target, Fraction(1)) if self.partial else Fraction(value >= target)

    def _formula(self, now: str, shown: Format) -> str:
        return Message("at least: {now} >= {target}", now=now, target=shown(self.target))


class AtMost(_Limit):
    """A value that must not be above a limit."""

    __slots__ = ()
    kind: ClassVar[Kind] = "at_most"

    @property
    def finish_line(self) -> FinishLine:
        """The limit, reached from above."""
        return FinishLine(self.target, rises=False)

    def condition(self, shown: Format) -> str:
        """Return the limit with its sign."""
        return f"≤ {shown(self.target)}"

    def _raw(self, value: Fraction) -> Fraction:
        target = Fraction(self.target)
        return target / value if self.partial and value > target else Fraction(value <= target)

    def _formula(self, now: str, shown: Format) -> str:
        return Message("at most: {now} <= {target}", now=now, target=shown(self.target))


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(SingleNumber):
    """A value that must stay within two limits, both included."""

    kind: ClassVar[Kind] = "between"
    is_threshold: ClassVar[bool] = True
    low: Decimal
    high: Decimal

    @property
    def ends(self) -> tuple[tuple[str, Decimal], ...]:
        """(label, number) of the lower and the upper limit."""
        return ((Message("At least"), self.low), (Message("At most"), self.high))

    @property
    def finish_line(self) -> None:
        """None: a value can leave the range on either side."""

    def condition(self, shown: Format) -> str:
        """Return both limits."""
        return f"{shown(self.low)} – {shown(self.high)}"

    def _raw(self, value: Fraction) -> Fraction:
        return Fraction(self.low <= value <= self.high)

    def _formula(self, now: str, shown: Format) -> str:
        return Message("between: {low} <= {now} <= {high}", low=shown(self.low), now=now, high=shown(self.high))
