"""Increase and Decrease: progress is (value - baseline) / (target - baseline). Pure."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from config.message import Message
from config.models import Kind
from syncer.method.kinds.goal import FinishLine, Format
from syncer.method.kinds.single_number import SingleNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class _Distance(SingleNumber):
    is_distance: ClassVar[bool] = True
    baseline: Decimal
    target: Decimal

    def _raw(self, value: Fraction) -> Fraction:
        return (value - Fraction(self.baseline)) / (Fraction(self.target) - Fraction(self.baseline))


class Increase(_Distance):
    """A goal to raise a value from a baseline to a target."""

    __slots__ = ()
    kind: ClassVar[Kind] = "increase"

    @property
    def finish_line(self) -> FinishLine:
        """The target, reached from below."""
        return FinishLine(self.target, rises=True)

    def _formula(self, now: str, shown: Format) -> str:
        top, bottom = f"({now} - {shown(self.baseline)})", f"({shown(self.target)} - {shown(self.baseline)})"
        return Message("increase: {top} / {bottom}", top=top, bottom=bottom)


class Decrease(_Distance):
    """A goal to lower a value from a baseline to a target."""

    __slots__ = ()
    kind: ClassVar[Kind] = "decrease"

    @property
    def finish_line(self) -> FinishLine:
        """The target, reached from above."""
        return FinishLine(self.target, rises=False)

    def _formula(self, now: str, shown: Format) -> str:
        top, bottom = f"({shown(self.baseline)} - {now})", f"({shown(self.baseline)} - {shown(self.target)})"
        return Message("decrease: {top} / {bottom}", top=top, bottom=bottom)
