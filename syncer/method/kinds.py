"""Kinds of key results: a class per kind with its progress, formula and finish line, and their registry. Pure."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from config.dataclass import dataclass
from config.goal_specs import GoalStep
from config.goals import CheckedGoal
from config.message import Message, in_turn
from config.models import Kind
from syncer.method.goal import FinishLine, Format, Goal
from syncer.method.pace import together
from syncer.method.progress import UNKNOWN, Progress, held_inside, rounded, weighted_mean

_EACH_PERIOD = {
    ("week", "mean"): Message("each week, mean of: "),
    ("week", "worst"): Message("each week, worst of: "),
    ("month", "mean"): Message("each month, mean of: "),
    ("month", "worst"): Message("each month, worst of: "),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleNumber(Goal):
    """A goal with a single value."""

    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:
        """Compute the progress; unknown also for a value that `value_problem` rejects."""
        value = values[0] if values else None
        if value is None or self.value_problem(value):
            return UNKNOWN
        raw = self._raw(Fraction(value))
        if self.over is not None:
            before = earlier[0] if earlier else ()
            raw = together([*(self._raw(Fraction(reading)) for reading in before), raw], self.over)
        return held_inside(rounded(raw))

    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:
        """Return the formula, once per period if the goal spans several periods."""
        if self.over is not None:
            once = replace(self, over=None)
            times = in_turn([once.formula(each, shown) for each in (*earlier, value)])
            return _EACH_PERIOD[self.over.each, self.over.take] + times
        return self._formula("v" if value is None else shown(value), shown)

    @abstractmethod
    def _raw(self, value: Fraction) -> Fraction:
        """Return the attainment, which may leave [0, 1]."""

    @abstractmethod
    def _formula(self, now: str, shown: Format) -> str:
        """Return the formula for `now`, the formatted value."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Goal):
    """A goal of steps that are done or not done."""

    kind: ClassVar[Kind] = "milestone"
    has_value: ClassVar[bool] = False
    is_measured: ClassVar[bool] = False
    steps: tuple[GoalStep, ...]

    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:  # noqa: ARG002 - its steps say it
        """Return the weighted share of the steps that are done; `values` are not used."""
        return held_inside(weighted_mean((Decimal(step.done), step.weight) for step in self.steps))

    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:  # noqa: ARG002 - its steps say it
        """Return the number of steps done, as a Message."""
        return Message("milestone: {done} of {count} steps done", done=self._done, count=len(self.steps))

    @property
    def value_text(self) -> str:
        """Steps done of all steps, such as 2/3."""
        return f"{self._done}/{len(self.steps)}"

    @property
    def _done(self) -> int:
        return sum(step.done for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Goal):
    """A goal of several numbers, each with a goal of its own."""

    kind: ClassVar[Kind] = "parts"
    has_value: ClassVar[bool] = False
    combine: Literal["mean", "all"] = "mean"

    def progress(self, values: Sequence[Decimal | None], earlier: Sequence[Sequence[Decimal]] = ()) -> Progress:
        """Return the weighted mean of the parts, or with `combine: all` the lowest of them."""
        members: list[tuple[Decimal, Decimal]] = []
        for (part, weight), value, before in zip(self.parts, values, earlier or [()] * len(values), strict=True):
            progress = part.progress([value], [before]).progress
            if progress is None:
                return UNKNOWN
            members.append((progress, weight))
        if self.combine == "all":
            return held_inside(min(progress for progress, _ in members))
        return held_inside(weighted_mean(members))

    def formula(self, value: Decimal | None, shown: Format, earlier: Sequence[Decimal] = ()) -> str:  # noqa: ARG002 - each part has its own
        """Return how the parts are combined; each part has a formula of its own."""
        return Message("parts, the least:") if self.combine == "all" else Message("parts, mean:")

    def value_problem(self, value: Decimal) -> None:
        """Return None: each part checks its own value."""


KINDS: Mapping[Kind, type[Goal]] = MappingProxyType(
    {kind.kind: kind for kind in (Increase, Decrease, AtLeast, AtMost, Between, Milestone, Parts)}
)
"""Goal classes by their name in the config."""


def goal_of(checked: CheckedGoal) -> Goal:
    """Build a goal of the detected kind from the fields that its class has.

    Raises ValueError if a number that the kind requires is missing.
    """
    kind = KINDS[checked.kind]
    given: dict[str, Any] = {field.name: getattr(checked, field.name) for field in fields(kind)}
    if any(given[field.name] is None for field in fields(kind) if field.default is MISSING):
        raise ValueError("this goal was not made by make_goal: a number of its kind is missing")
    parts = tuple((goal_of(part), weight) for part, weight in checked.parts)
    return kind(**given | {"parts": parts})
